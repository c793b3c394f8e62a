"""Outputs are read as the loss drove them, alike while training and afterwards."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hypothesis_numpy
from numpy.typing import NDArray

from mnist_pipeline.tasks import (
    FROM_LOGITS_METRICS,
    MULTI_THRESHOLD_METRICS,
    THRESHOLD_METRICS,
    label_key,
    label_names,
    predicted_labels,
    probabilities,
    targets,
    true_labels,
)
from tests.configs import metric
from tests.helpers import config, head

BINARY = {"data": {"target": {"positive": [1]}}, "model": head(1, "sigmoid"), "loss": "binary_crossentropy"}
LOGITS = {"CategoricalCrossentropy": {"from_logits": True}}
BINARY_LOGITS = BINARY | {"model": head(1), "loss": {"BinaryCrossentropy": {"from_logits": True}}}


values = st.floats(-50, 50, width=32)
rows_of_10 = hypothesis_numpy.arrays(np.float32, st.tuples(st.integers(1, 5), st.just(10)), elements=values)
rows_of_1 = hypothesis_numpy.arrays(np.float32, st.tuples(st.integers(1, 5), st.just(1)), elements=values)


@pytest.mark.parametrize("loss", ["categorical_crossentropy", LOGITS, "mse"], ids=["shares", "logits", "distances"])
@given(outputs=rows_of_10)
def test_probabilities_of_digits_sum_to_1(loss: Any, outputs: NDArray[np.float32]) -> None:
    result = probabilities(outputs, config({"loss": loss}).task)
    assert result.dtype == np.float64
    assert result.min() >= 0
    np.testing.assert_allclose(result.sum(axis=1), 1)


@pytest.mark.parametrize("plain", [BINARY, BINARY_LOGITS, BINARY | {"loss": "mse"}, BINARY | {"loss": "hinge"}])
@given(outputs=rows_of_1)
def test_the_probability_of_yes_is_between_0_and_1(plain: dict[str, Any], outputs: NDArray[np.float32]) -> None:
    result = probabilities(outputs, config(plain).task)
    assert result.shape == (len(outputs), 2)
    assert result.min() >= 0
    np.testing.assert_allclose(result.sum(axis=1), 1)


def test_softmax_and_sigmoid_outputs_stay_as_they_are() -> None:
    shares = np.array([[0.5, 0.25, 0.25] + [0.0] * 7], np.float32)
    np.testing.assert_allclose(probabilities(shares, config().task), shares)
    assert probabilities(np.array([[0.25]], np.float32), config(BINARY).task).tolist() == [[0.75, 0.25]]


def test_logits_go_through_softmax_or_sigmoid() -> None:
    from mnist_pipeline.framework import keras

    logits = np.random.default_rng(0).normal(0, 5, (20, 10)).astype(np.float32)
    expected = keras.ops.convert_to_numpy(keras.ops.softmax(logits))
    np.testing.assert_allclose(probabilities(logits, config({"loss": LOGITS}).task), expected, atol=1e-6)
    expected = keras.ops.convert_to_numpy(keras.ops.sigmoid(logits[:, 0]))
    np.testing.assert_allclose(probabilities(logits[:, :1], config(BINARY_LOGITS).task)[:, 1], expected, atol=1e-6)


def test_huge_logits_are_certain_and_no_number_is_lost() -> None:
    logits = np.full((1, 10), -1e30, np.float32)
    logits[0, 3] = 1e30
    assert probabilities(logits, config({"loss": LOGITS}).task)[0, 3] == 1
    both = np.array([[-1e30], [1e30]], np.float32)
    assert probabilities(both, config(BINARY_LOGITS).task)[:, 1].tolist() == [0, 1]


def test_outputs_without_any_share_are_undecided() -> None:
    np.testing.assert_allclose(probabilities(np.zeros((1, 10), np.float32), config({"loss": "mse"}).task), 0.1)


@pytest.mark.parametrize(
    "loss",
    ["categorical_crossentropy", LOGITS, "mse", "hinge", "categorical_hinge", "cosine_similarity"],
    ids=["shares", "logits", "distances", "margin", "margin between classes", "angle"],
)
@given(outputs=rows_of_10)
def test_the_predicted_label_is_the_digit_with_the_largest_output(loss: Any, outputs: NDArray[np.float32]) -> None:
    if loss == "categorical_crossentropy":
        outputs = np.abs(outputs)
    best = outputs[np.arange(len(outputs)), predicted_labels(outputs, config({"loss": loss}).task)]
    np.testing.assert_allclose(best, outputs.max(axis=1), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("plain", "middle"),
    [
        (BINARY, 0.5),
        (BINARY_LOGITS, 0.0),
        (BINARY | {"model": head(1), "loss": "hinge"}, 0.0),
        (BINARY | {"model": head(1, "tanh"), "loss": "squared_hinge"}, 0.0),
        (BINARY | {"loss": "hinge"}, 0.5),
        (BINARY | {"model": head(1), "loss": "mse"}, 0.5),
    ],
    ids=["probabilities", "logits", "hinge", "squared hinge", "hinge of a sigmoid", "distance"],
)
def test_the_predicted_label_is_yes_above_the_middle(plain: dict[str, Any], middle: float) -> None:
    outputs = np.array([[middle - 0.01], [middle], [middle + 0.01]], np.float32)
    assert predicted_labels(outputs, config(plain).task).tolist() == [0, 0, 1]


def test_a_margin_of_a_hinge_is_a_probability_from_minus_one_to_one() -> None:
    margins = np.array([-3, -1, -0.5, 0, 0.5, 1, 3], np.float32)
    task = config(BINARY | {"model": head(1), "loss": "squared_hinge"}).task
    assert probabilities(margins[:, None], task)[:, 1].tolist() == [0, 0, 0.25, 0.5, 0.75, 1, 1]


def test_margins_of_ten_classes_are_shared_out() -> None:
    margins = np.full((1, 10), -1, np.float32)
    margins[0, 2:4] = [1, 0]
    shares = probabilities(margins, config({"model": head(10), "loss": "hinge"}).task)
    np.testing.assert_allclose(shares[0, 1:5], [0, 2 / 3, 1 / 3, 0])


def test_margins_between_classes_count_by_their_differences_alone() -> None:
    task = config({"model": head(10), "loss": "categorical_hinge"}).task
    scores = np.random.default_rng(0).normal(0, 2, (5, 10)).astype(np.float32)
    np.testing.assert_allclose(probabilities(scores, task), probabilities(scores - 16, task), atol=1e-5)


TARGETS: dict[str, dict[str, Any]] = {
    "binary": BINARY,
    "ten sigmoids": {"model": head(10, "sigmoid"), "loss": "binary_crossentropy"},
    "multiclass": {},
    "sparse": {"loss": "sparse_categorical_crossentropy"},
}
# The metrics that take outputs for probabilities, with the targets whose labels they can read.
READING = [
    (target, name)
    for name in [*THRESHOLD_METRICS, *sorted(MULTI_THRESHOLD_METRICS), *FROM_LOGITS_METRICS, "KLDivergence"]
    for target in TARGETS
    if (target == "sparse") == (name == "SparseCategoricalCrossentropy")
    and not (target == "binary" and name in {"CategoricalCrossentropy", "KLDivergence"})
]


def without_activation(plain: dict[str, Any]) -> dict[str, Any]:
    """The same network and loss, the activation left to the loss."""
    loss = config(plain).loss
    return plain | {"model": head(10 if "data" not in plain else 1), "loss": {loss.class_name: {"from_logits": True}}}


def metric_value(plain: dict[str, Any], metric: dict[str, Any], labels: Any, outputs: Any) -> Any:
    from mnist_pipeline.training.build import build_metrics

    (result,) = build_metrics(config(plain | {"metrics": [metric]}))
    result.update_state(labels, outputs)
    return float(result.result())


@pytest.mark.parametrize(("target", "name"), READING)
def test_a_metric_of_logits_is_that_of_the_network_with_the_activation(target: str, name: str) -> None:
    from mnist_pipeline.framework import keras

    plain, spec = TARGETS[target], metric(name)
    width = 1 if "data" in plain else 10
    draw = np.random.default_rng(0)
    logits = draw.normal(0, 2, (200, width)).astype(np.float32)
    digits = draw.integers(0, 10, 200)
    labels = (digits[:, None] % 2 if width == 1 else np.eye(10)[digits]).astype(np.float32)
    if target == "sparse":
        labels = digits.astype(np.int32)
    activation = keras.activations.get(config(plain).model.layers[-1].config["activation"])
    expected = metric_value(plain, spec, labels, activation(logits))
    assert metric_value(without_activation(plain), spec, labels, logits) == pytest.approx(expected, rel=1e-4)


def test_a_threshold_of_the_config_stays() -> None:
    outputs, labels = np.array([[0.2], [0.6]], np.float32), np.array([[1], [1]], np.float32)
    for chosen, share in ((0.1, 1.0), (0.5, 0.5), (0.7, 0.0)):
        assert metric_value(BINARY_LOGITS, {"BinaryAccuracy": {"threshold": chosen}}, labels, outputs) == share
        assert metric_value(BINARY_LOGITS, {"Recall": {"thresholds": [chosen]}}, labels, outputs) == share
        assert metric_value(BINARY_LOGITS, {"TruePositives": {"thresholds": chosen}}, labels, outputs) == 2 * share


def test_areas_under_curves_rank_margins_beyond_one() -> None:
    margins, labels = np.array([[-4], [-3], [-2], [3]], np.float32), np.array([[0], [0], [1], [1]], np.float32)
    plain = BINARY | {"model": head(1), "loss": "hinge"}
    assert metric_value(plain, {"AUC": {}}, labels, margins) == pytest.approx(1)
    assert metric_value(plain, {"PrecisionAtRecall": {"recall": 1.0}}, labels, margins) == 1


def test_a_value_stands_for_the_nearest_digit_there_is() -> None:
    value = config({"data": {"target": "value"}, "model": head(1), "loss": "mse"})
    values = [-1e9, -0.2, 0.4, 4.6, 9.4, 1e9]
    outputs = np.array(values, np.float32)[:, None]
    assert predicted_labels(outputs, value.task).tolist() == [0, 0, 0, 5, 9, 9]


DIGITS = np.array([0, 1, 9, 4], np.uint8)
ONE_HOT = np.eye(10, dtype=np.float32)[[0, 1, 9, 4]]
COLUMN = np.array([[0], [1], [9], [4]], np.float32)
ODD = np.array([[0], [1], [1], [0]], np.float32)
ODD_OR_EVEN = {"data": {"target": {"positive": [1, 3, 5, 7, 9]}}, "model": head(1, "sigmoid")}


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        ({}, ONE_HOT),
        ({"loss": "mse"}, ONE_HOT),
        ({"loss": "sparse_categorical_crossentropy"}, DIGITS.astype(np.int32)),
        ({"loss": "CategoricalGeneralizedCrossEntropy"}, DIGITS.astype(np.int32)),
        (ODD_OR_EVEN | {"loss": "binary_crossentropy"}, ODD),
        (ODD_OR_EVEN | {"loss": "hinge"}, ODD),
        ({"data": {"target": "value"}, "model": head(1), "loss": "mse"}, COLUMN),
    ],
    ids=["one-hot", "one-hot for a distance", "sparse", "generalized", "binary", "binary by a margin", "regression"],
)
def test_targets_are_what_the_loss_compares_outputs_with(plain: dict[str, Any], expected: NDArray[Any]) -> None:
    result = config(plain)
    computed = targets(DIGITS, result.data.kind, result.data.positive, sparse=result.sparse_labels)
    assert computed.dtype == expected.dtype
    np.testing.assert_array_equal(computed, expected)


def test_any_digits_may_be_positive() -> None:
    assert true_labels(DIGITS, "positive", [4, 0]).tolist() == [1, 0, 0, 1]
    assert true_labels(DIGITS, "digit", []).tolist() == true_labels(DIGITS, "value", []).tolist() == DIGITS.tolist()


CLOTHES = list("abcdefghij")


@pytest.mark.parametrize(
    ("kind", "class_names", "key", "names"),
    [
        ("digit", None, "digit", list(range(10))),
        ("digit", CLOTHES, "class", CLOTHES),
        ("positive", None, "answer", ["no", "yes"]),
        ("positive", CLOTHES, "answer", ["no", "yes"]),
        ("value", None, "digit", list(range(10))),
        ("value", CLOTHES, "digit", list(range(10))),
    ],
)
def test_labels_are_shown_by_name(kind: Any, class_names: list[str] | None, key: str, names: list[Any]) -> None:
    assert (label_key(kind, class_names), label_names(kind, class_names)) == (key, names)
