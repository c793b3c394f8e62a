"""Keras' losses in NumPy, so that evaluating a run needs no TensorFlow.

Tests compare each with Keras. Each function takes targets and outputs as float64 (n, k) and the arguments of the loss,
and returns one loss for each example, (n,).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_pipeline.config.keras.spec import KerasSpec

EPSILON = 1e-7
MAX_PROBABILITY = float(np.float32(1) - np.float32(EPSILON))  # Keras clips probabilities in float32
# Outputs of 0 and 1 in float32 lie below the smallest normal number, and within half a step of 1.
MIN_FLOAT32 = float(np.finfo(np.float32).tiny)
MAX_FLOAT32 = 1 - float(np.finfo(np.float32).epsneg) / 2

Values = NDArray[np.float64]


def mean_loss(loss: KerasSpec, targets: NDArray[Any], outputs: NDArray[Any], activation: str | None = None) -> float:
    """Mean loss over all examples, without the penalties of regularizers.

    `targets`: (n, k), or integers (n,) for a sparse loss. `outputs`: (n, k), those of a model that ends in
    `activation`. Of softmax and sigmoid, Keras uses the logits instead; so does this function, as far as outputs in
    float32 determine them.
    """
    y, p, arguments = targets.astype(np.float64), outputs.astype(np.float64), loss.config
    if targets.ndim == 1:
        y = np.eye(outputs.shape[1])[targets]
    if loss.class_name in CROSSENTROPIES and activation in LOGITS and not arguments["from_logits"]:
        p, arguments = LOGITS[activation](p), arguments | {"from_logits": True}
    with np.errstate(all="ignore"):  # a Poisson loss of outputs below 0, for one, is nan
        return float(LOSSES[loss.class_name](y, p, **arguments).mean())


def _softmax_logits(p: Values) -> Values:
    return np.log(np.maximum(p, MIN_FLOAT32))


def _sigmoid_logits(p: Values) -> Values:
    p = np.clip(p, MIN_FLOAT32, MAX_FLOAT32)
    return np.log(p) - np.log1p(-p)


CROSSENTROPIES = {
    "CategoricalCrossentropy",
    "SparseCategoricalCrossentropy",
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
}
LOGITS: dict[str | None, Callable[[Values], Values]] = {"softmax": _softmax_logits, "sigmoid": _sigmoid_logits}


def _log_softmax(logits: Values) -> Values:
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def _log_probabilities(p: Values, from_logits: bool) -> Values:
    if from_logits:
        return _log_softmax(p)
    return np.log(np.clip(p / p.sum(axis=1, keepdims=True), EPSILON, MAX_PROBABILITY))


def _crossentropy(y: Values, p: Values, from_logits: bool = False, label_smoothing: float = 0.0) -> Values:
    y = y * (1 - label_smoothing) + label_smoothing / y.shape[1]
    return -(y * _log_probabilities(p, from_logits)).sum(axis=1)


def _categorical_focal_crossentropy(
    y: Values, p: Values, alpha: float, gamma: float, from_logits: bool = False, label_smoothing: float = 0.0
) -> Values:
    y = y * (1 - label_smoothing) + label_smoothing / y.shape[1]
    log = _log_probabilities(np.exp(_log_softmax(p)) if from_logits else p, from_logits=False)
    return -(alpha * (1 - np.exp(log)) ** gamma * y * log).sum(axis=1)


def _binary_log_probabilities(p: Values, from_logits: bool) -> tuple[Values, Values]:
    """Logarithms of the probabilities of yes and no."""
    if from_logits:
        return -np.logaddexp(0, -p), -np.logaddexp(0, p)
    p = np.clip(p, EPSILON, MAX_PROBABILITY)
    return np.log(p), np.log(1 - p)


def _binary_crossentropy(y: Values, p: Values, from_logits: bool = False, label_smoothing: float = 0.0) -> Values:
    y = y * (1 - label_smoothing) + label_smoothing / 2
    yes, no = _binary_log_probabilities(p, from_logits)
    return -(y * yes + (1 - y) * no).mean(axis=1)


def _binary_focal_crossentropy(
    y: Values, p: Values, apply_class_balancing: bool, alpha: float, gamma: float, from_logits: bool = False,
    label_smoothing: float = 0.0,
) -> Values:  # fmt: skip
    y = y * (1 - label_smoothing) + label_smoothing / 2
    yes, no = _binary_log_probabilities(p, from_logits)
    correct = y * np.exp(yes) + (1 - y) * np.exp(no)
    loss = -((1 - correct) ** gamma) * (y * yes + (1 - y) * no)
    balance = y * alpha + (1 - y) * (1 - alpha) if apply_class_balancing else 1.0
    return (balance * loss).mean(axis=1)


def _generalized_crossentropy(y: Values, p: Values, q: float) -> Values:
    return (1 - np.clip((y * p).sum(axis=1), EPSILON, MAX_PROBABILITY) ** q) / q


def _categorical_hinge(y: Values, p: Values) -> Values:
    return np.maximum(0, ((1 - y) * p).max(axis=1) - (y * p).sum(axis=1) + 1)


def _hinge(y: Values, p: Values) -> Values:
    return np.maximum(1 - (2 * y - 1) * p, 0).mean(axis=1)


def _squared_hinge(y: Values, p: Values) -> Values:
    return (np.maximum(1 - (2 * y - 1) * p, 0) ** 2).mean(axis=1)


def _kl_divergence(y: Values, p: Values) -> Values:
    y, p = np.clip(y, EPSILON, 1), np.clip(p, EPSILON, 1)
    return (y * np.log(y / p)).sum(axis=1)


def _poisson(y: Values, p: Values) -> Values:
    return (p - y * np.log(p + EPSILON)).mean(axis=1)


def _squared_error(y: Values, p: Values) -> Values:
    return ((y - p) ** 2).mean(axis=1)


def _absolute_error(y: Values, p: Values) -> Values:
    return np.abs(y - p).mean(axis=1)


def _percentage_error(y: Values, p: Values) -> Values:
    return 100 * (np.abs(y - p) / np.maximum(np.abs(y), EPSILON)).mean(axis=1)


def _squared_logarithmic_error(y: Values, p: Values) -> Values:
    return ((np.log1p(np.maximum(y, EPSILON)) - np.log1p(np.maximum(p, EPSILON))) ** 2).mean(axis=1)


def _cosine_similarity(y: Values, p: Values) -> Values:
    lengths = np.linalg.norm(y, axis=1) * np.maximum(np.linalg.norm(p, axis=1), EPSILON)
    return -(y * p).sum(axis=1) / lengths


def _huber(y: Values, p: Values, delta: float) -> Values:
    error = np.abs(y - p)
    return np.where(error <= delta, 0.5 * error**2, delta * error - 0.5 * delta**2).mean(axis=1)


def _log_cosh(y: Values, p: Values) -> Values:
    return (np.logaddexp(p - y, y - p) - np.log(2)).mean(axis=1)


LOSSES: dict[str, Callable[..., Values]] = {
    "CategoricalCrossentropy": _crossentropy,
    "SparseCategoricalCrossentropy": _crossentropy,
    "BinaryCrossentropy": _binary_crossentropy,
    "CategoricalFocalCrossentropy": _categorical_focal_crossentropy,
    "BinaryFocalCrossentropy": _binary_focal_crossentropy,
    "CategoricalGeneralizedCrossEntropy": _generalized_crossentropy,
    "CategoricalHinge": _categorical_hinge,
    "Hinge": _hinge,
    "SquaredHinge": _squared_hinge,
    "KLDivergence": _kl_divergence,
    "Poisson": _poisson,
    "MeanSquaredError": _squared_error,
    "MeanAbsoluteError": _absolute_error,
    "MeanAbsolutePercentageError": _percentage_error,
    "MeanSquaredLogarithmicError": _squared_logarithmic_error,
    "CosineSimilarity": _cosine_similarity,
    "Huber": _huber,
    "LogCosh": _log_cosh,
}
