"""Images that a run has seen before are counted where it is evaluated on them."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnist_pipeline.data.dataset import load_dataset
from mnist_pipeline.data.images import Images
from mnist_pipeline.data.sources import load
from mnist_pipeline.metrics.evaluate import evaluate
from mnist_pipeline.run.folder import Run
from tests.conftest import Mnist
from tests.helpers import config, noise, npz_file, untrained


def joined(*parts: Images) -> Images:
    return Images(np.concatenate([each.images for each in parts]), np.concatenate([each.labels for each in parts]))


@pytest.fixture(scope="module")
def training() -> Images:
    return noise(20)


def made(folder: Path, file: Path) -> Run:
    """A run of 16 images to train on and 4 to validate with, from `file`."""
    run = untrained(folder, config({"data": {"dataset": str(file)}}))
    run.update(data={"sha256": load(str(file)).sha256})
    return run


@pytest.fixture
def run(tmp_path: Path, training: Images) -> Run:
    return made(tmp_path / "run", npz_file(tmp_path / "mine.npz", training, noise(5, seed=1)))


@pytest.fixture
def other(tmp_path: Path, training: Images) -> Path:
    """Seven test images: three of training, one of validation, three new ones.

    Two of those of training are the same.
    """
    test = joined(training[0:2], training[0:1], training[19:20], noise(3, seed=2))
    return npz_file(tmp_path / "other.npz", test=test)


def test_images_that_a_run_was_trained_on_are_counted_and_reported(mnist: Mnist, run: Run, other: Path) -> None:
    for style in ("table", "json"):
        result = mnist("evaluate", "--run", run.folder, "--data", other, "--format", style)
        assert result.status == 0
        assert f"of these 7 images, {run.folder} was trained on 3 and validated with 1. The metrics" in result.err
    assert (result.json["trained_on"], result.json["validated_on"]) == (3, 1)


def test_images_that_are_new_are_no_news(mnist: Mnist, run: Run, tmp_path: Path) -> None:
    new = npz_file(tmp_path / "new.npz", test=noise(6, seed=3))
    for source in (["--data", new], []):
        result = mnist("evaluate", "--run", run.folder, *source, "--format", "json")
        assert (result.json["trained_on"], result.json["validated_on"]) == (0, 0)
        assert result.err == ""


def test_test_images_that_are_also_for_training_are_reported(mnist: Mnist, tmp_path: Path, training: Images) -> None:
    leaking = made(tmp_path / "run", npz_file(tmp_path / "mine.npz", training, training[10:20]))
    result = mnist("evaluate", "--run", leaking.folder, "--format", "json")
    assert (result.json["trained_on"], result.json["validated_on"]) == (6, 4)
    assert "Warning: of these 10 images" in result.err


@pytest.mark.parametrize(("split", "counts"), [("train", (16, 0)), ("validation", (0, 4))])
def test_the_parts_that_a_run_learned_from_are_counted_without_a_word(
    mnist: Mnist, run: Run, split: str, counts: tuple[int, int]
) -> None:
    result = mnist("evaluate", "--run", run.folder, "--split", split, "--format", "json")
    assert (result.json["trained_on"], result.json["validated_on"]) == counts
    assert result.err == ""


def changed(run: Run, training: Images) -> None:
    npz_file(run.folder.parent / "mine.npz", training[:15], noise(5, seed=1))


def gone(run: Run, training: Images) -> None:
    (run.folder.parent / "mine.npz").unlink()


def from_a_stranger(run: Run, training: Images) -> None:
    file = run.folder / "config.yaml"
    file.write_text(file.read_text() + "# another\n")


def not_downloaded(run: Run, training: Images) -> None:
    file = run.folder / "config.yaml"
    file.write_text(file.read_text().replace(str(run.folder.parent / "mine.npz"), "fashion_mnist"))


def unrecorded(run: Run, training: Images) -> None:
    record = run.record
    del record["data"]
    (run.folder / "run.json").write_text(json.dumps(record))


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (changed, "mine.npz are not those that the run was trained on"),
        (gone, "not found"),
        (from_a_stranger, "not read"),
        (not_downloaded, "fashion_mnist: not found at "),
        (unrecorded, "does not record the data"),
    ],
)
def test_an_unknown_overlap_is_null_and_reported(
    mnist: Mnist, run: Run, other: Path, training: Images, spoil: Any, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mnist_pipeline.data.download.download", pytest.fail)
    spoil(run, training)
    result = mnist("evaluate", "--run", run.folder, "--data", other, "--format", "json")
    assert result.status == 0, result.err
    assert (result.json["trained_on"], result.json["validated_on"]) == (None, None)
    assert reason in result.json["trained_on_unknown"]
    assert result.err.startswith("Unknown whether the run was trained on some of these images: ")
    assert len(result.err.splitlines()) == 1
    assert "--data" not in result.err  # the command already has it


def test_the_training_data_themselves_need_not_be_where_they_were(run: Run, tmp_path: Path) -> None:
    new_file = shutil.move(tmp_path / "mine.npz", tmp_path / "moved.npz")
    assert evaluate(run, "train", str(new_file))["trained_on"] == 16


def test_a_run_of_the_sample_was_trained_on_the_sample(trained: Path) -> None:
    data = Run(trained).config().config.data
    seen = evaluate(Run(trained), "train")
    assert seen["trained_on"] == seen["samples"] == len(load_dataset(data).split("train"))
    assert evaluate(Run(trained))["trained_on"] == 0
