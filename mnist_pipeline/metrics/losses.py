"""Keras' losses in NumPy, so that judging a run needs no TensorFlow. A test holds each against Keras.

Each takes targets and outputs as float64 (n, k) and the loss's own arguments, and gives (n,), a loss an example.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_pipeline.config.keras.spec import KerasSpec

EPSILON = 1e-7
# The smallest normal number of float32, and half a step below 1: outputs of 0 and 1 mean no less and no more.
FAINTEST = float(np.finfo(np.float32).tiny)
NEAREST_TO_ONE = 1 - float(np.finfo(np.float32).epsneg) / 2
# Keras cuts probabilities off in float32, where 1 - 1e-7 is this.
SUREST = float(np.float32(1) - np.float32(EPSILON))

Values = NDArray[np.float64]


def mean_loss(loss: KerasSpec, targets: NDArray[Any], outputs: NDArray[Any], activation: str | None = None) -> float:
    """The mean over all examples, without the penalties that regularizers add.

    `targets` as the loss wants them: (n, k), or (n,) whole numbers for a sparse loss. `outputs`: (n, k), the end of a
    network with this `activation`. Of softmax and sigmoid, Keras takes what went into them; so does this, as far as
    outputs in float32 tell.
    """
    truth, given, arguments = targets.astype(np.float64), outputs.astype(np.float64), loss.config
    if targets.ndim == 1:
        truth = np.eye(outputs.shape[1])[targets]
    if loss.class_name in CROSSENTROPIES and activation in LOGITS and not arguments["from_logits"]:
        given, arguments = LOGITS[activation](given), arguments | {"from_logits": True}
    with np.errstate(all="ignore"):  # a Poisson loss of outputs below 0, for one, is no number, and said to be none
        return float(LOSSES[loss.class_name](truth, given, **arguments).mean())


def _softmax_logits(p: Values) -> Values:
    return np.log(np.maximum(p, FAINTEST))


def _sigmoid_logits(p: Values) -> Values:
    p = np.clip(p, FAINTEST, NEAREST_TO_ONE)
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


def _log_distribution(given: Values, from_logits: bool) -> Values:
    if from_logits:
        return _log_softmax(given)
    return np.log(np.clip(given / given.sum(axis=1, keepdims=True), EPSILON, SUREST))


def _crossentropy(y: Values, p: Values, from_logits: bool = False, label_smoothing: float = 0.0) -> Values:
    y = y * (1 - label_smoothing) + label_smoothing / y.shape[1]
    return -(y * _log_distribution(p, from_logits)).sum(axis=1)


def _focal(
    y: Values, p: Values, alpha: float, gamma: float, from_logits: bool = False, label_smoothing: float = 0.0
) -> Values:
    y = y * (1 - label_smoothing) + label_smoothing / y.shape[1]
    log = _log_distribution(np.exp(_log_softmax(p)) if from_logits else p, from_logits=False)
    return -(alpha * (1 - np.exp(log)) ** gamma * y * log).sum(axis=1)


def _binary_logs(p: Values, from_logits: bool) -> tuple[Values, Values]:
    """The logarithms of the probabilities of yes and of no."""
    if from_logits:
        return -np.logaddexp(0, -p), -np.logaddexp(0, p)
    p = np.clip(p, EPSILON, SUREST)
    return np.log(p), np.log(1 - p)


def _binary_crossentropy(y: Values, p: Values, from_logits: bool = False, label_smoothing: float = 0.0) -> Values:
    y = y * (1 - label_smoothing) + label_smoothing / 2
    yes, no = _binary_logs(p, from_logits)
    return -(y * yes + (1 - y) * no).mean(axis=1)


def _binary_focal(
    y: Values, p: Values, apply_class_balancing: bool, alpha: float, gamma: float, from_logits: bool = False,
    label_smoothing: float = 0.0,
) -> Values:  # fmt: skip
    y = y * (1 - label_smoothing) + label_smoothing / 2
    yes, no = _binary_logs(p, from_logits)
    right = y * np.exp(yes) + (1 - y) * np.exp(no)
    loss = -((1 - right) ** gamma) * (y * yes + (1 - y) * no)
    balance = y * alpha + (1 - y) * (1 - alpha) if apply_class_balancing else 1.0
    return (balance * loss).mean(axis=1)


def _generalized(y: Values, p: Values, q: float) -> Values:
    return (1 - np.clip((y * p).sum(axis=1), EPSILON, SUREST) ** q) / q


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


def _squared(y: Values, p: Values) -> Values:
    return ((y - p) ** 2).mean(axis=1)


def _absolute(y: Values, p: Values) -> Values:
    return np.abs(y - p).mean(axis=1)


def _percentage(y: Values, p: Values) -> Values:
    return 100 * (np.abs(y - p) / np.maximum(np.abs(y), EPSILON)).mean(axis=1)


def _logarithmic(y: Values, p: Values) -> Values:
    return ((np.log1p(np.maximum(y, EPSILON)) - np.log1p(np.maximum(p, EPSILON))) ** 2).mean(axis=1)


def _cosine(y: Values, p: Values) -> Values:
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
    "CategoricalFocalCrossentropy": _focal,
    "BinaryFocalCrossentropy": _binary_focal,
    "CategoricalGeneralizedCrossEntropy": _generalized,
    "CategoricalHinge": _categorical_hinge,
    "Hinge": _hinge,
    "SquaredHinge": _squared_hinge,
    "KLDivergence": _kl_divergence,
    "Poisson": _poisson,
    "MeanSquaredError": _squared,
    "MeanAbsoluteError": _absolute,
    "MeanAbsolutePercentageError": _percentage,
    "MeanSquaredLogarithmicError": _logarithmic,
    "CosineSimilarity": _cosine,
    "Huber": _huber,
    "LogCosh": _log_cosh,
}
