"""What a model is asked, and how its outputs are read: thresholds, probabilities, predicted labels, once for all.

The losses decide: how far an output is from yes depends on what the loss drove it to. NumPy is imported where
something is computed, because reading a config asks for the task too, and starts without it.
"""

from typing import TYPE_CHECKING, Any, Literal, TypedDict

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Kind = Literal["digit", "positive", "value"]
Scale = Literal["probabilities", "sigmoid_logits", "softmax_logits", "margins"]

MULTICLASS: Kind = "digit"
BINARY: Kind = "positive"
REGRESSION: Kind = "value"

BINARY_CROSSENTROPIES = {"BinaryCrossentropy", "BinaryFocalCrossentropy"}
HINGES = {"Hinge", "SquaredHinge"}  # they turn targets of 0 and 1 into -1 and 1

# Metrics that cut outputs once, each with the argument that says where.
THRESHOLD_METRICS = {"BinaryAccuracy": "threshold"} | dict.fromkeys(
    ("Precision", "Recall", "TruePositives", "TrueNegatives", "FalsePositives", "FalseNegatives"), "thresholds"
)
# Metrics that try many thresholds from 0 to 1.
SWEEP_METRICS = {"PrecisionAtRecall", "RecallAtPrecision", "SensitivityAtSpecificity", "SpecificityAtSensitivity"}
# Metrics with an argument `from_logits`, and the scale that they then expect.
FROM_LOGITS_METRICS: dict[str, Scale] = {
    "AUC": "sigmoid_logits",
    "BinaryCrossentropy": "sigmoid_logits",
    "CategoricalCrossentropy": "softmax_logits",
    "SparseCategoricalCrossentropy": "softmax_logits",
}


class Task(TypedDict):
    """All that is needed to read the outputs of a model.

    `kind`: which of 10 digits it is, whether it is one of some (yes or no), or the digit as a number. `scale`: what the
    outputs are: probabilities, or values from 0 to 1 that stand for them; logits, before sigmoid or softmax; margins,
    from -1 for no to 1 for yes.
    """

    kind: Kind
    scale: Scale


def scale_of(loss: str, *, from_logits: bool, bounded: bool) -> Scale:
    """The scale of outputs that `loss` has trained; `bounded`: whether the last activation keeps them within 0 - 1.

    The categorical hinge compares outputs with each other only, so these are read like logits.
    """
    if from_logits:
        return "sigmoid_logits" if loss in BINARY_CROSSENTROPIES else "softmax_logits"
    if bounded:
        return "probabilities"
    if loss in HINGES:
        return "margins"
    return "softmax_logits" if loss == "CategoricalHinge" else "probabilities"


def threshold(task: Task) -> float:
    """Outputs of a yes-or-no task above it mean yes, as in Keras' metrics; one equal to it means no."""
    return 0.5 if task["scale"] == "probabilities" else 0.0


def predicted_labels(outputs: "NDArray[np.float32]", task: Task) -> "NDArray[np.int64]":
    """The label that each row of outputs (n, k) stands for, (n,).

    The digit with the largest output, 1 for yes and 0 for no, or the nearest digit. Outputs are finite.
    """
    import numpy as np

    labels: NDArray[Any] = outputs.argmax(axis=1)
    if task["kind"] == BINARY:
        labels = outputs[:, 0] > threshold(task)
    elif task["kind"] == REGRESSION:
        labels = np.clip(np.rint(outputs[:, 0]), 0, 9)
    return labels.astype(np.int64)


def probabilities(outputs: "NDArray[np.float32]", task: Task) -> "NDArray[np.float64]":
    """Outputs as probabilities, float64: (n, 10) with rows that sum to 1 for digits, (n,) for yes or no.

    Logits go through sigmoid or softmax. A margin m means (1 + m) / 2, cut to 0 - 1: what the squared hinge is least
    for (Zhang 2004, "Statistical behavior and consistency of classification methods"); the hinge itself tells only the
    side. Outputs that are neither (as after a mean squared error) are cut to 0 - 1. For digits, the values of a row are
    then divided by their sum; where that is 0, each digit has 0.1.
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
        chances: NDArray[np.float64] = values[:, 0].clip(0, 1)
        return chances
    shares: NDArray[np.float64] = values.clip(0, None)
    shares[~shares.any(axis=1)] = 1
    shares /= shares.sum(axis=1, keepdims=True)
    return shares


def metric_arguments(name: str, arguments: dict[str, Any], task: Task) -> dict[str, Any]:
    """The arguments of Keras' metric `name`, with those that are None taken from the task where Keras can say it.

    A threshold or `from_logits` that somebody chose stays.
    """
    scale, cut = task["scale"], THRESHOLD_METRICS.get(name)
    if cut and _cuts(arguments, cut) and scale != "softmax_logits":
        return arguments | {cut: threshold(task)}
    if cut == "threshold" and arguments[cut] is None:
        return arguments | {cut: 0.5}
    if name in FROM_LOGITS_METRICS and arguments["from_logits"] is None:
        ranks = name == "AUC" and scale == "margins"  # it needs the order of the outputs alone, and sigmoid keeps that
        return arguments | {"from_logits": ranks or FROM_LOGITS_METRICS[name] == scale}
    return arguments


def metric_activation(name: str, arguments: dict[str, Any], task: Task) -> Literal["sigmoid", "softmax"] | None:
    """The function to apply to outputs before Keras' metric `name` sees them, for want of an argument that does it.

    `arguments`: as they were written.
    """
    scale = task["scale"]
    if name in SWEEP_METRICS and scale == "margins":
        return "sigmoid"  # which keeps their order, and without ties beyond -1 and 1
    if scale not in ("sigmoid_logits", "softmax_logits"):
        return None
    cut = name in THRESHOLD_METRICS and scale == "softmax_logits" and _cuts(arguments, THRESHOLD_METRICS[name])
    other_logits = (
        name in FROM_LOGITS_METRICS and arguments["from_logits"] is None and FROM_LOGITS_METRICS[name] != scale
    )
    if not (name in SWEEP_METRICS or name == "KLDivergence" or cut or other_logits):
        return None
    return "sigmoid" if scale == "sigmoid_logits" else "softmax"


def _cuts(arguments: dict[str, Any], argument: str) -> bool:
    """Whether a metric cuts where its task says: nobody chose a threshold, and it does not take the largest k."""
    return arguments[argument] is None and arguments.get("top_k") is None
