"""Outputs of a run are those of its model in plain Keras."""

from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from mnist_pipeline.data.sources import load
from mnist_pipeline.errors import RunError
from mnist_pipeline.files import sha256
from mnist_pipeline.models import litert
from mnist_pipeline.models.runtime import Runtime, compare_runtimes, compute_outputs
from mnist_pipeline.run.folder import Run
from tests.helpers import config, head, untrained


@pytest.fixture(scope="module")
def images() -> NDArray[np.uint8]:
    return load("mnist_sample").splits["test"].images[:300]


@pytest.mark.parametrize("runtime", get_args(Runtime))
def test_outputs_are_those_of_keras_on_raw_bytes(trained: Path, images: NDArray[np.uint8], runtime: Runtime) -> None:
    from mnist_pipeline.framework import keras

    outputs = compute_outputs(Run(trained), images, runtime)
    assert outputs.shape == (300, 10)
    assert outputs.dtype == np.float32
    model = keras.models.load_model(trained / "model.keras")
    np.testing.assert_allclose(outputs, model.predict(images, verbose=0), atol=1e-5)


def test_a_trained_run_records_how_far_litert_is_from_keras(trained: Path, images: NDArray[np.uint8]) -> None:
    run = Run(trained)
    agreement = compare_runtimes(run, images)
    assert agreement.keys() == run.record["litert"].keys()
    assert (agreement["images"], agreement["answers_differ"], agreement["used"]) == (300, 0, True)
    assert agreement["largest_difference"] < 1e-5


@pytest.mark.parametrize(("shift", "used"), [(0.0005, True), (0.01, False)])
def test_litert_whose_probabilities_are_off_is_not_used_though_all_labels_agree(
    trained: Path, images: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch, shift: float, used: bool
) -> None:
    stock = compute_outputs(Run(trained), images[:20], "keras")
    off = np.where(stock == stock.max(axis=1, keepdims=True), stock + np.float32(shift), stock)
    monkeypatch.setattr(litert, "compute_outputs", lambda *_: off)
    agreement = compare_runtimes(Run(trained), images[:20])
    assert (agreement["answers_differ"], agreement["used"]) == (0, used)
    assert ("reason" in agreement) is not used


@pytest.mark.parametrize(("shift", "used"), [(0.0005, True), (0.01, False)])
def test_litert_whose_values_are_off_is_not_used(
    tmp_path: Path, images: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch, shift: float, used: bool
) -> None:
    from mnist_pipeline.models import keras_model

    value = config({"data": {"target": "value"}, "model": head(1), "loss": "mse"})
    run = untrained(tmp_path / "run", value)
    run.write("model.tflite", lambda file: file.write_bytes(b"not read"))
    run.update(sha256=run.hashes | {"model.tflite": sha256(run.folder / "model.tflite")})
    stock = np.full((len(images), 1), 3.0, np.float32)
    monkeypatch.setattr(keras_model, "compute_outputs", lambda *_: stock)
    monkeypatch.setattr(litert, "compute_outputs", lambda *_: stock + np.float32(shift))
    assert compare_runtimes(run, images)["used"] is used


@pytest.mark.parametrize("count", [1, 2])
def test_one_image_has_the_outputs_that_it_has_among_many(trained: Path, images: NDArray[np.uint8], count: int) -> None:
    alone, among = compute_outputs(Run(trained), images[:count]), compute_outputs(Run(trained), images)
    np.testing.assert_allclose(alone, among[:count], atol=1e-6)


@pytest.mark.parametrize("runtime", get_args(Runtime))
def test_more_images_than_one_batch_keep_their_order(
    trained: Path, images: NDArray[np.uint8], runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mnist_pipeline.models import keras_model

    at_once = compute_outputs(Run(trained), images, runtime)
    for module in (keras_model, litert):
        monkeypatch.setattr(module, "BATCH_SIZE", 7)
    np.testing.assert_allclose(compute_outputs(Run(trained), images, runtime), at_once, atol=1e-6)


def test_a_run_without_a_model_is_reported(tmp_path: Path, images: NDArray[np.uint8]) -> None:
    (tmp_path / "run.json").write_text('{"status": "interrupted"}')
    with pytest.raises(RunError, match="has no model: its training was interrupted before anything of it was saved"):
        compute_outputs(Run(tmp_path), images)


@pytest.mark.parametrize("runtime", get_args(Runtime))
def test_outputs_that_are_not_finite_are_refused(
    trained: Path, images: NDArray[np.uint8], runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mnist_pipeline.models import keras_model

    broken = np.zeros((300, 10), np.float32)
    broken[3, 2], broken[5, 1] = np.nan, np.inf
    for module in (keras_model, litert):
        monkeypatch.setattr(module, "compute_outputs", lambda *_: broken)
    with pytest.raises(RunError, match="outputs are not finite for 2 of 300 images: its training diverged"):
        compute_outputs(Run(trained), images, runtime)


def test_litert_is_not_used_where_its_outputs_are_not_finite(
    trained: Path, images: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(litert, "compute_outputs", lambda *_: np.full((300, 10), np.nan, np.float32))
    agreement = compare_runtimes(Run(trained), images)
    assert not agreement["used"]
    assert "not finite" in agreement["reason"]


def test_a_model_that_this_keras_cannot_load_is_reported(tmp_path: Path, images: NDArray[np.uint8]) -> None:
    (tmp_path / "run.json").write_text('{"status": "training"}')
    (tmp_path / "model.keras").write_bytes(b"half a model")
    with pytest.raises(RunError, match=r"model\.keras"):
        compute_outputs(Run(tmp_path), images)


def test_litert_that_predicts_other_labels_is_not_used_and_the_reason_counts_them(
    trained: Path, images: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs = compute_outputs(Run(trained), images[:20], "keras")
    other = outputs.copy()
    other[:3] = outputs[:3, ::-1]  # no digit is its own mirror image among ten
    monkeypatch.setattr(litert, "compute_outputs", lambda *_: other)
    agreement = compare_runtimes(Run(trained), images[:20])
    assert (agreement["answers_differ"], agreement["used"]) == (3, False)
    assert "predict different labels for 3 of 20 images" in agreement["reason"]
