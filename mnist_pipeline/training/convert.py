"""A trained model -> LiteRT, which answers in milliseconds where TensorFlow takes seconds to start."""

import os
from pathlib import Path

from mnist_pipeline.errors import describe_error
from mnist_pipeline.framework import keras
from mnist_pipeline.native_stderr import capture_native_stderr
from mnist_pipeline.run.folder import Run


class ConversionError(Exception):
    """The converter failed, for whichever reason; the Keras model is as good as ever."""


def export(model: keras.Model, run: Run) -> None:
    """Leave `model` in `run` as LiteRT too; where it cannot be converted, note why, and the Keras model is used."""

    def save(file: Path) -> None:
        try:
            with capture_native_stderr():
                model.export(os.fspath(file), format="litert", verbose=False)
        except Exception as error:  # the converter's own is a child of Exception alone, and it raises many others
            raise ConversionError(describe_error(error)) from error

    try:
        run.write_tflite(save)
    except ConversionError as error:
        run.update(litert={"used": False, "reason": f"the converter raised {error}"})
