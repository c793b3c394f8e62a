"""Outputs of a run for images, computed by LiteRT or by Keras."""

from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mnist_pipeline.errors import RunError, describe_error
from mnist_pipeline.models import litert
from mnist_pipeline.run.folder import Run
from mnist_pipeline.run.record import LiteRT
from mnist_pipeline.tasks import comparable_outputs, predicted_labels

Runtime = Literal["auto", "keras"]
Outputs = NDArray[np.float32]

# Largest difference between probabilities (or values) of LiteRT and Keras. Rounding makes about 1e-6.
MAX_DIFFERENCE = 1e-3


def compute_outputs(run: Run, images: NDArray[np.uint8], runtime: Runtime = "auto") -> Outputs:
    """Model outputs for images (n, 28, 28), all finite: float32 (n, 10) or (n, 1).

    There is one output for binary and regression tasks. `auto` uses LiteRT, without TensorFlow, if the run has a LiteRT
    model. Raises RunError if the run has no model, if its file has changed, or if outputs are not finite.
    """
    file = run.tflite if runtime == "auto" else None
    outputs = litert.compute_outputs(file, images) if file else _keras_outputs(run.model, images)
    broken = np.count_nonzero(~np.isfinite(outputs).all(axis=1))
    if broken:
        raise RunError(
            f"{run.name}: the model's outputs are not finite for {broken} of {len(images)} images: its training "
            "diverged. Train again with a lower learning rate, or with clipnorm: 1 in the optimizer"
        )
    return outputs


def compare_runtimes(run: Run, images: NDArray[np.uint8]) -> LiteRT:
    """How LiteRT and Keras differ on `images`.

    The number of different predicted labels, and the largest differences. `used`: whether LiteRT may replace Keras; if
    not, `reason`. Raises RunError where Keras' outputs are not finite.
    """
    keras_outputs = compute_outputs(run, images, "keras")
    try:
        litert_outputs = compute_outputs(run, images)
    except RunError as error:
        return {"used": False, "reason": str(error)}
    except Exception as error:  # a finished training is not lost over its second model
        return {"used": False, "reason": f"LiteRT raised {describe_error(error)}"}
    labels, keras_labels = (predicted_labels(each, run.task) for each in (litert_outputs, keras_outputs))
    values, keras_values = (comparable_outputs(each, run.task) for each in (litert_outputs, keras_outputs))
    differ, largest = int((labels != keras_labels).sum()), float(np.abs(values - keras_values).max())
    comparison: LiteRT = {
        "images": len(images),
        "answers_differ": differ,
        "largest_difference": float(np.abs(litert_outputs - keras_outputs).max()),
        "largest_probability_difference": largest,
        "used": differ == 0 and largest <= MAX_DIFFERENCE,
    }
    if not comparison["used"]:
        comparison["reason"] = (
            f"LiteRT and Keras predict different labels for {differ} of {len(images)} images, and differ by up to "
            f"{largest:.2g}"
        )
    return comparison


def _keras_outputs(file: Path, images: NDArray[np.uint8]) -> Outputs:
    from mnist_pipeline.models import keras_model  # and with it TensorFlow

    return keras_model.compute_outputs(file, images)
