"""Rules about the target, the loss, the last activation and the metrics."""

from collections.abc import Iterator

from mnist_pipeline.config import network
from mnist_pipeline.config.keras.catalog.losses import SPARSE_LOSSES
from mnist_pipeline.config.keras.spec import KerasSpec
from mnist_pipeline.config.lint.finding import Finding, error, warning
from mnist_pipeline.config.schema import Data, Model
from mnist_pipeline.config.yaml.document import KeyPath
from mnist_pipeline.tasks import BINARY, BINARY_CROSSENTROPIES, HINGES, MULTICLASS, REGRESSION, Kind

TARGETS: dict[Kind, str] = {
    MULTICLASS: "target: digit",
    BINARY: "target: {positive: …}",
    REGRESSION: "target: value",
}

# Losses that expect probabilities: of classes that exclude each other, and of yes or no.
CLASS_PROBABILITY_LOSSES = {"CategoricalCrossentropy", "CategoricalFocalCrossentropy", "KLDivergence"} | SPARSE_LOSSES
PROBABILITY_LOSSES = CLASS_PROBABILITY_LOSSES | BINARY_CROSSENTROPIES
DISTANCE_LOSSES = {
    "MeanSquaredError", "MeanAbsoluteError", "Huber", "LogCosh", "MeanSquaredLogarithmicError", "Poisson",
}  # fmt: skip
FITTING_LOSSES: dict[Kind, set[str]] = {
    MULTICLASS: PROBABILITY_LOSSES | DISTANCE_LOSSES | HINGES | {"CategoricalHinge", "CosineSimilarity"},
    BINARY: BINARY_CROSSENTROPIES | DISTANCE_LOSSES | HINGES,
    REGRESSION: DISTANCE_LOSSES | {"MeanAbsolutePercentageError"},
}
USUAL_LOSS: dict[Kind, str] = {
    MULTICLASS: "categorical_crossentropy",
    BINARY: "binary_crossentropy",
    REGRESSION: "mean_squared_error",
}

ONE_HOT_METRICS = {"CategoricalAccuracy", "TopKCategoricalAccuracy", "F1Score", "FBetaScore", "CategoricalCrossentropy",
                   "CategoricalHinge", "KLDivergence", "AUC", "Precision", "Recall"}  # fmt: skip
SPARSE_METRICS = {"SparseCategoricalAccuracy", "SparseTopKCategoricalAccuracy", "SparseCategoricalCrossentropy"}
MULTICLASS_METRICS = (ONE_HOT_METRICS | SPARSE_METRICS) - {"AUC", "Precision", "Recall"}
CLASS_METRICS = ONE_HOT_METRICS | SPARSE_METRICS | {"accuracy", "BinaryAccuracy", "BinaryCrossentropy"}


def loss_fits_target(loss: KerasSpec, data: Data) -> Iterator[Finding]:
    """The loss can compare outputs with labels of this kind."""
    if loss.class_name not in FITTING_LOSSES[data.kind]:
        message = f"{loss.class_name} does not fit data.{TARGETS[data.kind]}"
        yield error(("loss",), f"{message}. The usual loss for it is {USUAL_LOSS[data.kind]}")


def output_fits_loss(model: Model, loss: KerasSpec, data: Data) -> Iterator[Finding]:
    """The last activation outputs what the loss expects."""
    index, activation = network.output_activation(model.layers)
    path = ("model", "layers", index, model.layers[index].class_name, "activation")
    if activation and loss.class_name in FITTING_LOSSES[data.kind]:
        finding = (
            _activation_for_target(path, activation, data.kind)
            or _activation_for_distance(path, activation, loss, data.kind)
            or _activation_for_probabilities(path, activation, loss, data.kind)
        )
        if finding:
            yield finding


def _activation_for_target(path: KeyPath, activation: str, kind: Kind) -> Finding | None:
    if activation == "softmax" and kind != MULTICLASS:
        return error(path, "softmax of a single output is always 1. Use sigmoid for yes or no, none for a value")
    if kind == REGRESSION and activation in network.PROBABILITIES | {"tanh"}:
        return warning(path, f"{activation} never exceeds 1, but the digits go up to 9. Remove the activation")
    return None


def _activation_for_distance(path: KeyPath, activation: str, loss: KerasSpec, kind: Kind) -> Finding | None:
    name = loss.class_name
    if name == "Poisson" and activation in ("linear", "tanh"):
        return warning(path, f"Poisson takes the logarithm of outputs, and {activation} can be negative. Use softplus")
    if name in DISTANCE_LOSSES - {"Poisson"} and activation in network.SQUASHING and kind != REGRESSION:
        reason = "the gradient nearly vanishes for confident wrong outputs"
        return warning(path, f"{activation} with {name} learns slowly: {reason}. Use {USUAL_LOSS[kind]}")
    return None


def _activation_for_probabilities(path: KeyPath, activation: str, loss: KerasSpec, kind: Kind) -> Finding | None:
    name, from_logits = loss.class_name, loss.config.get("from_logits", False)
    usual = "softmax" if name in CLASS_PROBABILITY_LOSSES else "sigmoid"
    if name not in PROBABILITY_LOSSES:
        return None
    if from_logits:
        twice = f"{activation} here and from_logits: true in the loss apply it twice. Remove one of them"
        return warning(path, twice) if activation in network.PROBABILITIES else None
    if activation not in network.PROBABILITIES:
        message = f"{name} expects probabilities, but {activation} outputs any number. Use activation: {usual}"
        return error(path, message + network.logits_advice(loss))
    if activation != usual and kind == MULTICLASS:
        return warning(path, f"{name} expects {usual} outputs, received {activation}. Use activation: {usual}")
    return None


def metrics_fit_target(metrics: list[KerasSpec], loss: KerasSpec, data: Data) -> Iterator[Finding]:
    """The metrics can be computed from the outputs and the labels."""
    outputs = 10 if data.kind == MULTICLASS else 1
    for index, metric in enumerate(metrics):
        path, name = ("metrics", index), metric.class_name
        class_id, top_k = metric.config.get("class_id") or 0, metric.config.get("top_k") or 1
        problem = _metric_problem(name, loss, data)
        if problem:
            yield error(path, f"{name} {problem}")
        elif class_id >= outputs:
            yield error((*path, name, "class_id"), f"class_id: expected at most {outputs - 1}, received {class_id}")
        elif top_k > outputs:
            yield error((*path, name, "top_k"), f"top_k: expected at most {outputs}, received {top_k}")


def _metric_problem(name: str, loss: KerasSpec, data: Data) -> str | None:
    sparse = loss.class_name in SPARSE_LOSSES
    if data.kind == REGRESSION and name in CLASS_METRICS:
        return f"is for classes. With data.{TARGETS[data.kind]}, use mae"
    if data.kind == BINARY and name in MULTICLASS_METRICS:
        return f"is for more than two classes. With data.{TARGETS[data.kind]}, use accuracy"
    if data.kind == MULTICLASS and sparse and name not in SPARSE_METRICS | {"accuracy"}:
        return f"needs one-hot labels, but {loss.class_name} uses integer labels. Use categorical_crossentropy"
    if data.kind == MULTICLASS and not sparse and name in SPARSE_METRICS:
        return f"needs integer labels, but {loss.class_name} uses one-hot labels. Use sparse_categorical_crossentropy"
    return None
