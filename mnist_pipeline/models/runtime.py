"""A run and images -> answers; the only place that chooses between LiteRT and Keras."""

from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mnist_pipeline.errors import RunError, describe_error
from mnist_pipeline.models import litert
from mnist_pipeline.run.folder import Run
from mnist_pipeline.tasks import REGRESSION, Task, predicted_labels, probabilities

Runtime = Literal["auto", "keras"]
Outputs = NDArray[np.float32]

# How far a probability (for a value: the value) may be apart in LiteRT and Keras. Rounding makes some 1e-6 of it.
MAX_DIFFERENCE = 1e-3


def outputs(run: Run, images: NDArray[np.uint8], runtime: Runtime = "auto") -> Outputs:
    """What the model of `run` gives for `images` (n, 28, 28): float32 (n, 10) for digits, (n, 1) otherwise.

    All are finite. `auto`: by LiteRT, without TensorFlow, if the run has such a model. Raises RunError if it has no
    model, or not the one that was written, or one that does not answer with numbers.
    """
    file = run.tflite if runtime == "auto" else None
    given = litert.outputs(file, images) if file else _by_keras(run.model, images)
    broken = np.count_nonzero(~np.isfinite(given).all(axis=1))
    if broken:
        raise RunError(
            f"{run.name}: the model's outputs are not finite for {broken} of {len(images)} images: its training "
            "diverged. Train again with a lower learning rate, or with clipnorm: 1 in the optimizer"
        )
    return given


def compare_runtimes(run: Run, images: NDArray[np.uint8]) -> dict[str, Any]:
    """How far LiteRT is from Keras on `images`: how many answers differ, and the largest differences.

    `used`: whether it says the same, so that it can answer in place of Keras; if not, `reason`. Raises RunError where
    Keras does not answer with numbers.
    """
    stock = outputs(run, images, "keras")
    try:
        lite = outputs(run, images)
    except RunError as error:
        return {"used": False, "reason": str(error)}
    except Exception as error:  # a training that is done is not lost over its second model
        return {"used": False, "reason": f"LiteRT raised {describe_error(error)}"}
    differ = int((predicted_labels(lite, run.task) != predicted_labels(stock, run.task)).sum())
    apart = float(np.abs(_compared(lite, run.task) - _compared(stock, run.task)).max())
    found: dict[str, Any] = {
        "images": len(images),
        "answers_differ": differ,
        "largest_difference": float(np.abs(lite - stock).max()),
        "largest_probability_difference": apart,
        "used": differ == 0 and apart <= MAX_DIFFERENCE,
    }
    if not found["used"]:
        found["reason"] = (
            f"LiteRT and Keras are up to {apart:.2g} apart, and differ in {differ} of {len(images)} answers"
        )
    return found


def _compared(given: Outputs, task: Task) -> NDArray[np.float64]:
    return given[:, 0].astype(np.float64) if task["kind"] == REGRESSION else probabilities(given, task)


def _by_keras(file: Path, images: NDArray[np.uint8]) -> Outputs:
    from mnist_pipeline.models import keras_model  # and with it TensorFlow

    return keras_model.outputs(file, images)
