"""What a run answers is what its model answers in plain Keras."""

from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hypothesis_numpy
from numpy.typing import NDArray

from mnist_pipeline.data.sources import load
from mnist_pipeline.errors import RunError
from mnist_pipeline.inference import litert
from mnist_pipeline.inference.classifier import Runtime, answers, compare_runtimes, outputs, probabilities
from mnist_pipeline.run import Run
from tests.helpers import config, head, untrained

YES_OR_NO = {"data": {"target": {"positive": [1]}}, "model": head(1, "sigmoid"), "loss": "binary_crossentropy"}
LOGITS = {"CategoricalCrossentropy": {"from_logits": True}}
YES_OR_NO_LOGITS = YES_OR_NO | {"model": head(1), "loss": {"BinaryCrossentropy": {"from_logits": True}}}


@pytest.fixture(scope="module")
def images() -> NDArray[np.uint8]:
    return load("mnist_sample").parts["test"].images[:300]


@pytest.mark.parametrize("runtime", get_args(Runtime))
def test_outputs_are_those_of_keras_on_raw_bytes(trained: Path, images: NDArray[np.uint8], runtime: Runtime) -> None:
    from mnist_pipeline.framework import keras

    given = outputs(Run(trained), images, runtime)
    assert given.shape == (300, 10)
    assert given.dtype == np.float32
    model = keras.models.load_model(trained / "model.keras")
    np.testing.assert_allclose(given, model.predict(images, verbose=0), atol=1e-5)


def test_a_trained_run_notes_how_far_litert_is_from_keras(trained: Path, images: NDArray[np.uint8]) -> None:
    run = Run(trained)
    agreement = compare_runtimes(run, images)
    assert agreement.keys() == run.record["litert"].keys()
    assert (agreement["images"], agreement["answers_differ"], agreement["used"]) == (300, 0, True)
    assert agreement["largest_difference"] < 1e-5


@pytest.mark.parametrize(("shift", "used"), [(0.0005, True), (0.01, False)])
def test_litert_whose_probabilities_are_off_is_not_used_though_no_answer_differs(
    trained: Path, images: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch, shift: float, used: bool
) -> None:
    stock = outputs(Run(trained), images[:20], "keras")
    off = np.where(stock == stock.max(axis=1, keepdims=True), stock + np.float32(shift), stock)
    monkeypatch.setattr(litert, "outputs", lambda *_: off)
    agreement = compare_runtimes(Run(trained), images[:20])
    assert (agreement["answers_differ"], agreement["used"]) == (0, used)
    assert ("reason" in agreement) is not used


@pytest.mark.parametrize(("shift", "used"), [(0.0005, True), (0.01, False)])
def test_litert_whose_values_are_off_is_not_used(
    tmp_path: Path, images: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch, shift: float, used: bool
) -> None:
    from mnist_pipeline.inference import keras_model

    value = config({"data": {"target": "value"}, "model": head(1), "loss": "mse"})
    run = untrained(tmp_path / "run", value)
    run.write_tflite(lambda file: file.write_bytes(b"not read"))
    stock = np.full((len(images), 1), 3.0, np.float32)
    monkeypatch.setattr(keras_model, "outputs", lambda *_: stock)
    monkeypatch.setattr(litert, "outputs", lambda *_: stock + np.float32(shift))
    assert compare_runtimes(run, images)["used"] is used


@pytest.mark.parametrize("count", [1, 2])
def test_one_image_is_answered_as_many_are(trained: Path, images: NDArray[np.uint8], count: int) -> None:
    alone, among = outputs(Run(trained), images[:count]), outputs(Run(trained), images)
    np.testing.assert_allclose(alone, among[:count], atol=1e-6)


@pytest.mark.parametrize("runtime", get_args(Runtime))
def test_more_images_than_one_batch_are_answered_in_their_order(
    trained: Path, images: NDArray[np.uint8], runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mnist_pipeline.inference import keras_model

    at_once = outputs(Run(trained), images, runtime)
    for module in (keras_model, litert):
        monkeypatch.setattr(module, "BATCH", 7)
    np.testing.assert_allclose(outputs(Run(trained), images, runtime), at_once, atol=1e-6)


def test_a_run_without_a_model_is_said(tmp_path: Path, images: NDArray[np.uint8]) -> None:
    (tmp_path / "run.json").write_text('{"status": "interrupted"}')
    with pytest.raises(RunError, match="has no model: its training was interrupted before anything of it was saved"):
        outputs(Run(tmp_path), images)


def test_a_model_that_this_keras_cannot_load_is_said(tmp_path: Path, images: NDArray[np.uint8]) -> None:
    (tmp_path / "run.json").write_text('{"status": "training"}')
    (tmp_path / "model.keras").write_bytes(b"half a model")
    with pytest.raises(RunError, match=r"model\.keras"):
        outputs(Run(tmp_path), images)


values = st.floats(-50, 50, width=32)
rows_of_10 = hypothesis_numpy.arrays(np.float32, st.tuples(st.integers(1, 5), st.just(10)), elements=values)
rows_of_1 = hypothesis_numpy.arrays(np.float32, st.tuples(st.integers(1, 5), st.just(1)), elements=values)


@pytest.mark.parametrize("loss", ["categorical_crossentropy", LOGITS, "mse"], ids=["shares", "logits", "distances"])
@given(given_=rows_of_10)
def test_probabilities_of_digits_sum_to_1(loss: Any, given_: NDArray[np.float32]) -> None:
    made = probabilities(given_, config({"loss": loss}).task)
    assert made.dtype == np.float64
    assert made.min() >= 0
    np.testing.assert_allclose(made.sum(axis=1), 1)


@pytest.mark.parametrize(
    "plain", [YES_OR_NO, YES_OR_NO_LOGITS, YES_OR_NO | {"loss": "mse"}, YES_OR_NO | {"loss": "hinge"}]
)
@given(given_=rows_of_1)
def test_the_probability_of_yes_is_between_0_and_1(plain: dict[str, Any], given_: NDArray[np.float32]) -> None:
    made = probabilities(given_, config(plain).task)
    assert made.shape == (len(given_),)
    assert made.min() >= 0
    assert made.max() <= 1


def test_softmax_and_sigmoid_outputs_stay_as_they_are() -> None:
    shares = np.array([[0.5, 0.25, 0.25] + [0.0] * 7], np.float32)
    np.testing.assert_allclose(probabilities(shares, config().task), shares)
    assert probabilities(np.array([[0.25]], np.float32), config(YES_OR_NO).task).tolist() == [0.25]


def test_logits_go_through_softmax_or_sigmoid() -> None:
    from mnist_pipeline.framework import keras

    logits = np.random.default_rng(0).normal(0, 5, (20, 10)).astype(np.float32)
    expected = keras.ops.convert_to_numpy(keras.ops.softmax(logits))
    np.testing.assert_allclose(probabilities(logits, config({"loss": LOGITS}).task), expected, atol=1e-6)
    expected = keras.ops.convert_to_numpy(keras.ops.sigmoid(logits[:, 0]))
    np.testing.assert_allclose(probabilities(logits[:, :1], config(YES_OR_NO_LOGITS).task), expected, atol=1e-6)


def test_huge_logits_are_certain_and_no_number_is_lost() -> None:
    logits = np.full((1, 10), -1e30, np.float32)
    logits[0, 3] = 1e30
    assert probabilities(logits, config({"loss": LOGITS}).task)[0, 3] == 1
    both = np.array([[-1e30], [1e30]], np.float32)
    assert probabilities(both, config(YES_OR_NO_LOGITS).task).tolist() == [0, 1]


def test_outputs_without_any_share_are_undecided() -> None:
    np.testing.assert_allclose(probabilities(np.zeros((1, 10), np.float32), config({"loss": "mse"}).task), 0.1)


@pytest.mark.parametrize(
    "loss",
    ["categorical_crossentropy", LOGITS, "mse", "hinge", "categorical_hinge", "cosine_similarity"],
    ids=["shares", "logits", "distances", "margin", "margin between classes", "angle"],
)
@given(given_=rows_of_10)
def test_the_answer_is_the_digit_with_the_largest_output(loss: Any, given_: NDArray[np.float32]) -> None:
    if loss == "categorical_crossentropy":
        given_ = np.abs(given_)
    best = given_[np.arange(len(given_)), answers(given_, config({"loss": loss}).task)]
    np.testing.assert_allclose(best, given_.max(axis=1), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(("plain", "middle"), [(YES_OR_NO, 0.5), (YES_OR_NO_LOGITS, 0.0)], ids=["shares", "logits"])
def test_the_answer_is_yes_from_the_middle_on(plain: dict[str, Any], middle: float) -> None:
    given_ = np.array([[middle - 0.01], [middle], [middle + 0.01]], np.float32)
    assert answers(given_, config(plain).task).tolist() == [0, 1, 1]


def test_a_value_stands_for_the_nearest_digit_there_is() -> None:
    value = config({"data": {"target": "value"}, "model": head(1), "loss": "mse"})
    values = [-1e9, -0.2, 0.4, 4.6, 9.4, 1e9, np.nan, np.inf, -np.inf]
    given_ = np.array(values, np.float32)[:, None]
    assert answers(given_, value.task).tolist() == [0, 0, 0, 5, 9, 9, 0, 9, 0]
