"""A trained model -> LiteRT, which answers in milliseconds where TensorFlow takes seconds to start."""

import os
from pathlib import Path

from mnist_pipeline.errors import first_line
from mnist_pipeline.framework import keras
from mnist_pipeline.quiet import quiet
from mnist_pipeline.run import Run


def export(model: keras.Model, run: Run) -> None:
    """Leave `model` in `run` as LiteRT too; where it cannot be converted, note why, and the Keras model is used."""

    def save(file: Path) -> None:
        with quiet():
            model.export(os.fspath(file), format="litert", verbose=False)

    try:
        run.write_tflite(save)
    except (ValueError, TypeError, RuntimeError, NotImplementedError) as error:
        run.update(litert={"used": False, "reason": f"{type(error).__name__}: {first_line(error)}"})
