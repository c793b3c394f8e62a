"""A run and images -> answers; the only place that chooses between LiteRT and Keras."""

from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mnist_pipeline.errors import RunError, described
from mnist_pipeline.inference import litert
from mnist_pipeline.run import Run
from mnist_pipeline.task import Task

Runtime = Literal["auto", "keras"]
Outputs = NDArray[np.float32]

# How far a probability (for a value: the value) may be apart in LiteRT and Keras. Rounding makes some 1e-6 of it.
MOST_APART = 1e-3


def outputs(run: Run, images: NDArray[np.uint8], runtime: Runtime = "auto") -> Outputs:
    """What the model of `run` gives for `images` (n, 28, 28): float32 (n, 10) for digits, (n, 1) otherwise.

    `auto`: by LiteRT, without TensorFlow, if the run has such a model. Raises RunError if it has no model, or not the
    one that was written.
    """
    file = run.tflite if runtime == "auto" else None
    return litert.outputs(file, images) if file else _by_keras(run.model, images)


def compare_runtimes(run: Run, images: NDArray[np.uint8]) -> dict[str, Any]:
    """How far LiteRT is from Keras on `images`: how many answers differ, and the largest differences.

    `used`: whether it says the same, so that it can answer in place of Keras; if not, `reason`.
    """
    try:
        lite = outputs(run, images)
    except RunError as error:
        return {"used": False, "reason": str(error)}
    except Exception as error:  # a training that is done is not lost over its second model
        return {"used": False, "reason": f"LiteRT raised {described(error)}"}
    stock = outputs(run, images, "keras")
    differ = int((answers(lite, run.task) != answers(stock, run.task)).sum())
    apart = float(np.abs(_compared(lite, run.task) - _compared(stock, run.task)).max())
    found: dict[str, Any] = {
        "images": len(images),
        "answers_differ": differ,
        "largest_difference": float(np.abs(lite - stock).max()),
        "largest_probability_difference": apart,
        "used": differ == 0 and apart <= MOST_APART,
    }
    if not found["used"]:
        found["reason"] = (
            f"LiteRT and Keras are up to {apart:.2g} apart, and differ in {differ} of {len(images)} answers"
        )
    return found


def _compared(given: Outputs, task: Task) -> NDArray[np.float64]:
    return given[:, 0].astype(np.float64) if task["kind"] == "value" else probabilities(given, task)


def answers(given: Outputs, task: Task) -> NDArray[np.int64]:
    """The answer in each row of outputs: the likeliest digit, 1 for yes and 0 for no, or the nearest digit."""
    match task["kind"]:
        case "positive":
            return (probabilities(given, task) >= 0.5).astype(np.int64)
        case "value":
            return np.clip(np.rint(np.nan_to_num(given[:, 0])), 0, 9).astype(np.int64)
    return given.argmax(axis=1)


def probabilities(given: Outputs, task: Task) -> NDArray[np.float64]:
    """Outputs as probabilities, float64: (n, 10) with rows that sum to 1 for digits, (n,) for yes or no.

    Logits go through softmax or sigmoid; outputs that are neither (as after a mean squared error) are cut to 0 - 1,
    and for digits divided by their sum.
    """
    values = given.astype(np.float64)
    if task["kind"] == "positive":
        return _sigmoid(values[:, 0]) if task["from_logits"] else np.clip(values[:, 0], 0, 1)
    if task["from_logits"]:
        values = np.exp(values - values.max(axis=1, keepdims=True))
    shares = np.clip(values, 0, None)
    total = shares.sum(axis=1, keepdims=True)
    uniform = np.full_like(shares, 1 / shares.shape[1])
    return np.divide(shares, total, out=uniform, where=total > 0)


def _by_keras(file: Path, images: NDArray[np.uint8]) -> Outputs:
    from mnist_pipeline.inference import keras_model  # and with it TensorFlow

    return keras_model.outputs(file, images)


def _sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.exp(-np.logaddexp(0, -values))
