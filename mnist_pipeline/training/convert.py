"""Convert a trained model to LiteRT.

It predicts within milliseconds where TensorFlow takes seconds to start.
"""

import os
from pathlib import Path

from mnist_pipeline.errors import describe_error
from mnist_pipeline.framework import keras
from mnist_pipeline.native_stderr import capture_native_stderr
from mnist_pipeline.run.files import TFLITE
from mnist_pipeline.run.folder import Run


class ConversionError(Exception):
    """The converter failed; the Keras model is not affected."""


def convert_to_litert(model: keras.Model, run: Run) -> None:
    """Write `model` to `run` as LiteRT too.

    If the conversion fails, record why; the Keras model is then used.
    """

    def save(file: Path) -> None:
        try:
            with capture_native_stderr():
                model.export(os.fspath(file), format="litert", verbose=False)
        except Exception as error:  # ConverterError derives from Exception alone, and many others are raised
            raise ConversionError(describe_error(error)) from error

    try:
        run.write(TFLITE, save)
    except ConversionError as error:
        run.update(litert={"used": False, "reason": f"the converter raised {error}"})
