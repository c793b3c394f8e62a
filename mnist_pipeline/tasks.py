"""The three tasks: multiclass, binary and regression.

Targets, thresholds, probabilities and predicted labels of each. How outputs are read follows from the loss that trained
them. NumPy is imported inside the functions that compute, because reading a config needs this module too and starts
without NumPy.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, TypedDict

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Kind = Literal["digit", "positive", "value"]
Scale = Literal["probabilities", "sigmoid_logits", "softmax_logits", "margins"]

MULTICLASS: Kind = "digit"
BINARY: Kind = "positive"
REGRESSION: Kind = "value"

CLASSES = 10
BINARY_LABEL_NAMES = ["no", "yes"]  # the classes of a binary task, by label

BINARY_CROSSENTROPIES = {"BinaryCrossentropy", "BinaryFocalCrossentropy"}
HINGES = {"Hinge", "SquaredHinge"}  # they turn targets of 0 and 1 into -1 and 1

# Metrics that compare outputs with one threshold, each with the argument that sets it.
THRESHOLD_METRICS = {"BinaryAccuracy": "threshold"} | dict.fromkeys(
    ("Precision", "Recall", "TruePositives", "TrueNegatives", "FalsePositives", "FalseNegatives"), "thresholds"
)
# Metrics that try many thresholds from 0 to 1.
MULTI_THRESHOLD_METRICS = {
    "PrecisionAtRecall",
    "RecallAtPrecision",
    "SensitivityAtSpecificity",
    "SpecificityAtSensitivity",
}
# Metrics with an argument `from_logits`, and the scale that they then expect.
FROM_LOGITS_METRICS: dict[str, Scale] = {
    "AUC": "sigmoid_logits",
    "BinaryCrossentropy": "sigmoid_logits",
    "CategoricalCrossentropy": "softmax_logits",
    "SparseCategoricalCrossentropy": "softmax_logits",
}


class Task(TypedDict):
    """All that is needed to read the outputs of a model.

    `kind`: multiclass (which of 10 digits), binary (is it one of some digits) or regression (the digit as a number).
    `scale`: probabilities, or values from 0 to 1 that stand for them; logits, before sigmoid or softmax; margins, from
    -1 for no to 1 for yes.
    """

    kind: Kind
    scale: Scale


def scale_of(loss: str, *, from_logits: bool, bounded: bool) -> Scale:
    """Scale of outputs trained with `loss`.

    `bounded`: whether the last activation keeps them within 0–1. The categorical hinge only compares outputs with each
    other, so they are read like logits.
    """
    if from_logits:
        return "sigmoid_logits" if loss in BINARY_CROSSENTROPIES else "softmax_logits"
    if bounded:
        return "probabilities"
    if loss in HINGES:
        return "margins"
    return "softmax_logits" if loss == "CategoricalHinge" else "probabilities"


# Labels


def true_labels(digits: "NDArray[np.uint8]", kind: Kind, positive: Sequence[int]) -> "NDArray[np.int64]":
    """Labels (n,) of the task for `digits` (n,).

    In a binary task 1 for one of `positive` and 0 for the others; in other tasks the digits.
    """
    import numpy as np

    return np.isin(digits, positive).astype(np.int64) if kind == BINARY else digits.astype(np.int64)


def targets(
    digits: "NDArray[np.uint8]", kind: Kind, positive: Sequence[int] = (), *, sparse: bool = False
) -> "NDArray[Any]":
    """Targets that the loss compares outputs with, for `digits` (n,).

    Multiclass: float32 (n, 10), one-hot, or int32 (n,) for a sparse loss. Binary: float32 (n, 1), 0 or 1. Regression:
    float32 (n, 1), 0–9.
    """
    import numpy as np

    labels = true_labels(digits, kind, positive)
    if kind != MULTICLASS:
        return labels[:, None].astype(np.float32)
    return labels.astype(np.int32) if sparse else np.eye(CLASSES, dtype=np.float32)[labels]


def label_key(kind: Kind, class_names: Sequence[str] | None) -> Literal["answer", "class", "digit"]:
    """Key of a label in JSON, CSV and tables; `class_names` of None means digits."""
    if kind == BINARY:
        return "answer"
    return "class" if kind == MULTICLASS and class_names else "digit"


def label_names(kind: Kind, class_names: Sequence[str] | None) -> list[Any]:
    """What each label is shown as: no and yes, the class names, or the digits."""
    if kind == BINARY:
        return BINARY_LABEL_NAMES
    return list(class_names) if kind == MULTICLASS and class_names else list(range(CLASSES))


# Outputs


def threshold(task: Task) -> float:
    """Threshold of a binary task: outputs above it mean yes.

    As in Keras' metrics, an output equal to it means no.
    """
    return 0.5 if task["scale"] == "probabilities" else 0.0


def predicted_labels(outputs: "NDArray[np.float32]", task: Task) -> "NDArray[np.int64]":
    """Predicted labels (n,) for finite outputs (n, k).

    Multiclass: the digit with the largest output. Binary: 1 for yes, 0 for no. Regression: the nearest digit.
    """
    import numpy as np

    labels: NDArray[Any] = outputs.argmax(axis=1)
    if task["kind"] == BINARY:
        labels = outputs[:, 0] > threshold(task)
    elif task["kind"] == REGRESSION:
        labels = np.clip(np.rint(outputs[:, 0]), 0, CLASSES - 1)
    return labels.astype(np.int64)


def probabilities(outputs: "NDArray[np.float32]", task: Task) -> "NDArray[np.float64]":
    """Class probabilities for outputs: float64 (n, 10) or (n, 2).

    A binary task has (n, 2), of no and yes. Rows sum to 1. Logits go through sigmoid or softmax. A margin m becomes
    (1 + m) / 2, clipped to 0–1: what minimizes the squared hinge (Zhang 2004, "Statistical behavior and consistency of
    classification methods"); the hinge itself determines the side only. Other outputs, as after a mean squared error,
    are clipped to 0–1. Multiclass rows are then divided by their sum; where that is 0, each class has 0.1.
    """
    import numpy as np

    values: NDArray[np.float64] = outputs.astype(np.float64)
    match task["scale"]:
        case "sigmoid_logits":
            values = np.exp(-np.logaddexp(0, -values))
        case "softmax_logits":
            values = np.exp(values - values.max(axis=1, keepdims=True))
        case "margins":
            values = np.clip((1 + values) / 2, 0, 1)
    if task["kind"] == BINARY:
        yes = values[:, 0].clip(0, 1)
        return np.stack([1 - yes, yes], axis=1)
    shares: NDArray[np.float64] = values.clip(0, None)
    shares[~shares.any(axis=1)] = 1
    shares /= shares.sum(axis=1, keepdims=True)
    return shares


def comparable_outputs(outputs: "NDArray[np.float32]", task: Task) -> "NDArray[np.float64]":
    """Outputs on a scale on which two runtimes can be compared.

    Probabilities, or the values of a regression task.
    """
    import numpy as np

    return outputs.astype(np.float64) if task["kind"] == REGRESSION else probabilities(outputs, task)


# Keras' metrics


def metric_arguments(name: str, arguments: dict[str, Any], task: Task) -> dict[str, Any]:
    """Arguments of Keras' metric `name`, completed from the task.

    A threshold or `from_logits` that is None is set. What the config sets stays.
    """
    scale, argument = task["scale"], THRESHOLD_METRICS.get(name)
    if argument and _uses_threshold(arguments, argument) and scale != "softmax_logits":
        return arguments | {argument: threshold(task)}
    if argument == "threshold" and arguments[argument] is None:
        return arguments | {argument: 0.5}
    if name in FROM_LOGITS_METRICS and arguments["from_logits"] is None:
        ranks = name == "AUC" and scale == "margins"  # it needs the order of the outputs only, and sigmoid keeps that
        return arguments | {"from_logits": ranks or FROM_LOGITS_METRICS[name] == scale}
    return arguments


def metric_activation(name: str, arguments: dict[str, Any], task: Task) -> Literal["sigmoid", "softmax"] | None:
    """Activation to apply to outputs before Keras' metric `name`.

    None where no activation is needed, or an argument of the metric applies it. `arguments`: those of the config.
    """
    scale = task["scale"]
    if name in MULTI_THRESHOLD_METRICS and scale == "margins":
        return "sigmoid"  # keeps their order, and has no ties beyond -1 and 1
    if scale not in ("sigmoid_logits", "softmax_logits"):
        return None
    thresholded = (
        name in THRESHOLD_METRICS and scale == "softmax_logits" and _uses_threshold(arguments, THRESHOLD_METRICS[name])
    )
    other_logits = (
        name in FROM_LOGITS_METRICS and arguments["from_logits"] is None and FROM_LOGITS_METRICS[name] != scale
    )
    if not (name in MULTI_THRESHOLD_METRICS or name == "KLDivergence" or thresholded or other_logits):
        return None
    return "sigmoid" if scale == "sigmoid_logits" else "softmax"


def _uses_threshold(arguments: dict[str, Any], argument: str) -> bool:
    """Whether a metric uses the threshold of the task.

    It does if none is set, and if it does not take the largest k outputs.
    """
    return arguments[argument] is None and arguments.get("top_k") is None
