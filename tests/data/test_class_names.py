"""Where classes are not the digits, their names belong to the data, are kept in the run, and are what is shown."""

import csv
import hashlib
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mnist_pipeline.data import sources
from mnist_pipeline.data.class_names import class_names
from mnist_pipeline.data.images import DATASET_CLASS_NAMES
from mnist_pipeline.data.preprocess.to_mnist import resize_whole
from mnist_pipeline.errors import ImageError
from mnist_pipeline.run.folder import Run
from mnist_pipeline.verify import verify
from tests.conftest import Mnist
from tests.helpers import idx_folder, noise

NAMES = list(DATASET_CLASS_NAMES["fashion_mnist"])
SHORT = ["--set", "data.train_samples=60", "--set", "data.test_samples=20", "--set", "training.epochs=1"]


@pytest.fixture(scope="module", autouse=True)
def _clothes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A cache in which few random images stand for Fashion-MNIST."""
    cache = tmp_path_factory.mktemp("clothes")
    folder = cache / "datasets" / "fashion-mnist"
    idx_folder(folder, {"train": noise(60), "t10k": noise(20, seed=1)}, "images-idx3-ubyte.gz")
    digests = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KERAS_HOME", str(cache))
        patch.setattr(sources, "FASHION_MNIST_SHA256", digests)
        yield


@pytest.fixture(scope="module")
def clothes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on Fashion-MNIST; not to be changed."""
    from mnist_pipeline.cli.main import main

    folder = tmp_path_factory.mktemp("run") / "clothes"
    with pytest.raises(SystemExit) as ended:
        main(["train", "--config", "smoke", "--data", "fashion_mnist", *SHORT, "--run-dir", str(folder)])
    assert not ended.value.code
    return folder


def changed(run: Path, copy: Path, **values: Any) -> Path:
    """A copy of a run that records other values; None leaves a key out."""
    shutil.copytree(run, copy)
    record = json.loads((copy / "run.json").read_text()) | values
    (copy / "run.json").write_text(json.dumps({name: value for name, value in record.items() if value is not None}))
    return copy


@pytest.fixture
def old(clothes: Path, tmp_path: Path) -> Path:
    """As the first versions left it."""
    run = changed(clothes, tmp_path / "old", class_names=None)
    metrics = json.loads((run / "metrics.json").read_text())
    for number, row in enumerate(metrics["per_class"]):
        row.pop("class")
        row["digit"] = number
    (run / "metrics.json").write_text(json.dumps(metrics))
    record = json.loads((run / "run.json").read_text())
    record["sha256"]["metrics.json"] = hashlib.sha256((run / "metrics.json").read_bytes()).hexdigest()
    (run / "run.json").write_text(json.dumps(record))
    return run


@pytest.fixture
def shoe(tmp_path: Path) -> Path:
    Image.fromarray(noise(1, seed=5).images[0]).save(tmp_path / "shoe.png")
    return tmp_path / "shoe.png"


def test_a_run_keeps_the_names_of_its_classes(clothes: Path) -> None:
    assert Run(clothes).record["class_names"] == NAMES


def test_a_run_of_digits_records_no_names(trained: Path) -> None:
    assert "class_names" not in Run(trained).record
    assert class_names(Run(trained)) is None


@pytest.mark.parametrize("kind", ["new", "old"])
def test_predict_shows_the_name_of_the_class(mnist: Mnist, clothes: Path, old: Path, shoe: Path, kind: str) -> None:
    (prediction,) = mnist("predict", shoe, "--run", clothes if kind == "new" else old, "--format", "json").json
    assert list(prediction) == ["image", "class", "confidence", "probabilities"]
    assert prediction["class"] == NAMES[int(np.argmax(prediction["probabilities"]))]


def test_the_first_test_images_have_the_names_of_their_classes(mnist: Mnist, clothes: Path) -> None:
    predictions = mnist("predict", "--run", clothes, "--format", "json").json
    assert [prediction["label"] for prediction in predictions] == NAMES[:5]
    assert {prediction["class"] for prediction in predictions} <= set(NAMES)


def test_the_table_and_the_csv_show_names(mnist: Mnist, clothes: Path, shoe: Path) -> None:
    shown = mnist("predict", shoe, "--run", clothes, "--top", "10").out
    assert all(name in shown for name in NAMES)
    assert "digit" not in shown
    (row,) = csv.DictReader(io.StringIO(mnist("predict", shoe, "--run", clothes, "--format", "csv").out))
    assert list(row) == ["image", "class", "confidence", *(f"p{number}" for number in range(10))]
    assert row["class"] in NAMES


def test_evaluate_shows_names(mnist: Mnist, clothes: Path) -> None:
    result = mnist("evaluate", "--run", clothes, "--format", "json").json
    assert [row["class"] for row in result["per_class"]] == NAMES
    assert all("digit" not in row for row in result["per_class"])
    shown = mnist("evaluate", "--run", clothes).out
    assert all(shown.count(name) >= 3 for name in NAMES)  # in the classes, and on both sides of the confusion


def test_an_old_run_still_agrees_with_its_metrics(old: Path) -> None:
    checks = verify(Run(old))
    assert [check.what for check in checks if not check.agrees] == []
    assert checks[-1].what == "metrics"


def test_a_value_is_predicted_as_for_digits(mnist: Mnist, clothes: Path, shoe: Path, tmp_path: Path) -> None:
    value = changed(clothes, tmp_path / "value", task={"kind": "value", "scale": "probabilities"})
    (prediction,) = mnist("predict", shoe, "--run", value, "--format", "json").json
    assert list(prediction) == ["image", "value", "digit"]


@pytest.mark.parametrize(
    "names",
    [["one", "two"], NAMES * 2, "Trouser", [1] * 10, {"0": "a"}, []],
    ids=["two", "twenty", "text", "numbers", "mapping", "none"],
)
def test_names_that_are_not_ten_are_said(mnist: Mnist, clothes: Path, shoe: Path, tmp_path: Path, names: Any) -> None:
    result = mnist("predict", shoe, "--run", changed(clothes, tmp_path / "other", class_names=names))
    assert (result.status, result.out) == (1, "")
    assert "class_names" in result.err


def test_data_without_a_name_that_is_text_are_said(mnist: Mnist, clothes: Path, shoe: Path, tmp_path: Path) -> None:
    run = changed(clothes, tmp_path / "other", class_names=None, data={"sha256": "0", "name": ["fashion_mnist"]})
    result = mnist("predict", shoe, "--run", run)
    assert result.status == 1
    assert "data.name" in result.err


# How an image of something else than a digit is preprocessed


def scene(height: int, width: int, background: float, ink: float) -> NDArray[np.float64]:
    """A bright and a middling half of something that fills most of the picture."""
    made = np.full((height, width), background)
    made[height // 8 : -height // 8, width // 8 : width // 2] = ink
    made[height // 8 : -height // 8, width // 2 : -width // 8] = (background + ink) / 2
    return made


def test_images_like_those_of_the_data_are_taken_byte_for_byte() -> None:
    for image in noise(10).images:
        dark_edge = image.copy()
        dark_edge[[0, -1]], dark_edge[:, [0, -1]] = 0, 0
        np.testing.assert_array_equal(resize_whole(dark_edge.astype(float)), dark_edge)


@pytest.mark.parametrize(("background", "ink"), [(255, 0), (0, 255)], ids=["dark on light", "light on dark"])
@pytest.mark.parametrize(("height", "width", "box"), [(280, 140, (28, 14)), (90, 270, (9, 28)), (28, 28, (28, 28))])
def test_the_whole_is_fitted_light_on_dark_with_its_proportions(
    height: int, width: int, box: tuple[int, int], background: float, ink: float
) -> None:
    made = resize_whole(scene(height, width, background, ink))
    rows, columns = ((28 - length) // 2 for length in box)
    inside = made[rows : rows + box[0], columns : columns + box[1]].astype(int)
    outside = made.astype(int).sum() - inside.sum()
    middle = inside[box[0] // 2]
    assert outside == 0
    assert middle[box[1] // 3] > 240  # the bright half
    assert 100 < middle[box[1] * 2 // 3] < 150  # shades stay: nothing is stretched
    assert middle[0] < 30  # and so does the margin


def test_nothing_is_centered_or_cropped() -> None:
    page = np.full((280, 280), 255.0)
    page[200:240, 20:60] = 0
    made = resize_whole(page)
    rows, columns = np.nonzero(made > 127)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (20, 23, 2, 5)


@pytest.mark.parametrize("shade", [0, 100, 255])
def test_an_empty_picture_is_said(shade: float) -> None:
    with pytest.raises(ImageError, match="this image is empty"):
        resize_whole(np.full((40, 40), shade))


def test_predict_does_not_use_the_recipe_for_digits_on_clothes(
    mnist: Mnist, clothes: Path, trained: Path, tmp_path: Path
) -> None:
    small = np.full((28, 28), 255, np.uint8)
    small[2:5, 2:5] = 0  # the recipe for digits makes it large, and puts it into the middle
    Image.fromarray(small).save(tmp_path / "small.png")
    Image.fromarray(255 - small).save(tmp_path / "same.png")
    dark, light = mnist("predict", "small.png", "same.png", "--run", clothes, "--format", "json").json
    assert dark["probabilities"] == light["probabilities"]
    dark, light = mnist("predict", "small.png", "same.png", "--run", trained, "--format", "json").json
    assert dark["probabilities"] != light["probabilities"]
