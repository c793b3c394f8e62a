"""Each loss is Keras' own, computed without it."""

from inspect import signature
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mnist_pipeline.config.keras.catalog import losses as catalog
from mnist_pipeline.config.lint.targets import FITTING_LOSSES
from mnist_pipeline.framework import keras
from mnist_pipeline.metrics.losses import LOSSES, mean_loss

Arrays = tuple[NDArray[Any], NDArray[np.float32]]

N = 200
RANDOM = np.random.default_rng(0)
LABELS = RANDOM.integers(0, 10, N)
ONE_HOT = np.eye(10, dtype=np.float32)[LABELS]
NUMBERS = LABELS.astype(np.int32)
COLUMN = LABELS[:, None].astype(np.float32)
YES = (LABELS % 2)[:, None].astype(np.float32)


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


def random_outputs(kind: str, width: int) -> NDArray[np.float32]:
    logits = RANDOM.normal(0, 3, (N, width))
    match kind:
        case "probabilities":
            outputs = softmax(logits) if width > 1 else 1 / (1 + np.exp(-logits))
        case "shares":
            outputs = 1 / (1 + np.exp(-logits))
        case "certain":
            outputs = np.eye(10)[RANDOM.integers(0, 10, N)] if width > 1 else (logits > 0).astype(float)
        case "positive":
            outputs = np.abs(logits) + 0.1
        case _:
            outputs = logits
    return outputs.astype(np.float32)


# For each loss: arguments, targets, and the kind of outputs.
CASES: list[tuple[str, dict[str, Any], NDArray[Any], str]] = [
    ("CategoricalCrossentropy", {}, ONE_HOT, "probabilities"),
    ("CategoricalCrossentropy", {}, ONE_HOT, "shares"),
    ("CategoricalCrossentropy", {}, ONE_HOT, "certain"),
    ("CategoricalCrossentropy", {"from_logits": True}, ONE_HOT, "logits"),
    ("CategoricalCrossentropy", {"label_smoothing": 0.1}, ONE_HOT, "probabilities"),
    ("CategoricalCrossentropy", {"from_logits": True, "label_smoothing": 0.3}, ONE_HOT, "logits"),
    ("SparseCategoricalCrossentropy", {}, NUMBERS, "probabilities"),
    ("SparseCategoricalCrossentropy", {}, NUMBERS, "shares"),
    ("SparseCategoricalCrossentropy", {}, NUMBERS, "certain"),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, NUMBERS, "logits"),
    ("BinaryCrossentropy", {}, YES, "probabilities"),
    ("BinaryCrossentropy", {}, YES, "certain"),
    ("BinaryCrossentropy", {}, ONE_HOT, "shares"),
    ("BinaryCrossentropy", {"from_logits": True}, YES, "logits"),
    ("BinaryCrossentropy", {"label_smoothing": 0.2}, YES, "probabilities"),
    ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.2}, ONE_HOT, "logits"),
    ("CategoricalFocalCrossentropy", {}, ONE_HOT, "probabilities"),
    ("CategoricalFocalCrossentropy", {}, ONE_HOT, "certain"),
    ("CategoricalFocalCrossentropy", {"alpha": 0.6, "gamma": 0.5}, ONE_HOT, "shares"),
    ("CategoricalFocalCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, ONE_HOT, "logits"),
    ("BinaryFocalCrossentropy", {}, YES, "probabilities"),
    ("BinaryFocalCrossentropy", {}, YES, "certain"),
    ("BinaryFocalCrossentropy", {"apply_class_balancing": True, "alpha": 0.7, "gamma": 1.5}, YES, "probabilities"),
    ("BinaryFocalCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, YES, "logits"),
    ("BinaryFocalCrossentropy", {"from_logits": True, "apply_class_balancing": True}, ONE_HOT, "logits"),
    ("CategoricalGeneralizedCrossEntropy", {}, NUMBERS, "probabilities"),
    ("CategoricalGeneralizedCrossEntropy", {"q": 0.9}, NUMBERS, "certain"),
    ("CategoricalHinge", {}, ONE_HOT, "logits"),
    ("CategoricalHinge", {}, ONE_HOT, "probabilities"),
    ("Hinge", {}, YES, "logits"),
    ("Hinge", {}, ONE_HOT, "logits"),
    ("SquaredHinge", {}, YES, "logits"),
    ("SquaredHinge", {}, ONE_HOT, "logits"),
    ("KLDivergence", {}, ONE_HOT, "probabilities"),
    ("KLDivergence", {}, ONE_HOT, "certain"),
    ("KLDivergence", {}, ONE_HOT, "positive"),
    ("Poisson", {}, COLUMN, "positive"),
    ("Poisson", {}, ONE_HOT, "probabilities"),
    ("MeanSquaredError", {}, COLUMN, "logits"),
    ("MeanSquaredError", {}, ONE_HOT, "probabilities"),
    ("MeanAbsoluteError", {}, COLUMN, "logits"),
    ("MeanAbsolutePercentageError", {}, COLUMN + 1, "logits"),
    ("MeanAbsolutePercentageError", {}, COLUMN, "logits"),
    ("MeanSquaredLogarithmicError", {}, COLUMN, "logits"),
    ("MeanSquaredLogarithmicError", {}, ONE_HOT, "probabilities"),
    ("CosineSimilarity", {}, ONE_HOT, "probabilities"),
    ("CosineSimilarity", {}, ONE_HOT, "logits"),
    ("Huber", {}, COLUMN, "logits"),
    ("Huber", {"delta": 3.0}, COLUMN, "logits"),
    ("LogCosh", {}, COLUMN, "logits"),
    ("LogCosh", {}, YES, "probabilities"),
]


def keras_loss(name: str, config: dict[str, Any], targets: NDArray[Any], outputs: NDArray[np.float32]) -> float:
    return float(getattr(keras.losses, name)(**config)(targets, outputs))


@pytest.mark.parametrize(
    ("name", "arguments", "targets", "kind"),
    CASES,
    ids=[
        f"{name} {' '.join(arguments)} {'x'.join(map(str, targets.shape[1:])) or 'numbers'} {kind}"
        for name, arguments, targets, kind in CASES
    ],
)
def test_the_mean_loss_is_that_of_keras(name: str, arguments: dict[str, Any], targets: NDArray[Any], kind: str) -> None:
    loss = catalog.LOSSES.read({name: arguments})
    outputs = random_outputs(kind, 1 if targets.shape[1:] == (1,) else 10)
    assert mean_loss(loss, targets, outputs) == pytest.approx(
        keras_loss(name, loss.config, targets, outputs), rel=2e-5, abs=1e-6
    )


WITH_LOGITS = [name for name, loss in catalog.LOSSES.signatures.items() if "from_logits" in signature(loss).parameters]


@pytest.mark.parametrize("name", WITH_LOGITS)
def test_large_logits_have_the_loss_that_keras_computes(name: str) -> None:
    loss = catalog.LOSSES.read({name: {"from_logits": True}})
    outputs = np.array([[1000.0] + [0.0] * 9, [-1000.0] + [500.0] * 9, [40.0] + [0.0] * 9], np.float32)
    targets = np.array([1, 0, 0]) if name in catalog.SPARSE_LOSSES else np.eye(10, dtype=np.float32)[[1, 0, 0]]
    assert mean_loss(loss, targets, outputs) == pytest.approx(keras_loss(name, loss.config, targets, outputs), rel=1e-5)


SURE = [("CategoricalCrossentropy", "softmax"), ("BinaryCrossentropy", "sigmoid")]


@pytest.mark.parametrize(("name", "activation"), SURE)
def test_outputs_of_exactly_0_and_1_have_a_finite_loss(name: str, activation: str) -> None:
    outputs = np.array([[1.0, 0.0], [0.0, 1.0]], np.float32)
    targets = np.array([[1.0, 0.0], [1.0, 0.0]], np.float32)
    loss = mean_loss(catalog.LOSSES.read(name), targets, outputs, activation)
    assert np.isfinite(loss)
    assert loss > 5


def test_every_loss_that_a_config_may_name_is_implemented() -> None:
    assert LOSSES.keys() == catalog.LOSSES.signatures.keys()


def test_every_loss_is_compared_with_keras() -> None:
    assert {name for name, *_ in CASES} == LOSSES.keys()


@pytest.mark.parametrize(
    ("kind", "targets"), [("digit", None), ("positive", YES), ("value", COLUMN)], ids=["digit", "yes or no", "value"]
)
def test_every_loss_that_fits_a_target_gives_a_number_for_it(kind: str, targets: NDArray[Any] | None) -> None:
    for name in FITTING_LOSSES[kind]:
        loss = catalog.LOSSES.read(name)
        y_true = targets if targets is not None else NUMBERS if name in catalog.SPARSE_LOSSES else ONE_HOT
        outputs = random_outputs("probabilities", 10 if kind == "digit" else 1)
        assert mean_loss(loss, y_true, outputs) == pytest.approx(
            keras_loss(name, loss.config, y_true, outputs), rel=2e-5
        )
