"""TensorFlow and Keras, imported once, quietly, with TensorFlow as the backend of Keras.

Only `training` and `inference` import this, inside the commands that need it: it takes seconds.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from mnist_pipeline.errors import TrainingError


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep back what C++ writes to stderr, which no setting of TensorFlow silences; replay it after a failure."""
    sys.stderr.flush()
    with tempfile.TemporaryFile() as kept:
        stderr = os.dup(2)
        os.dup2(kept.fileno(), 2)
        try:
            yield
        except BaseException:
            kept.seek(0)
            os.write(stderr, kept.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


def _backend() -> None:
    wanted = os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    if wanted != "tensorflow":
        raise TrainingError(
            f"the variable KERAS_BACKEND says '{wanted}', and this package works with TensorFlow. Unset it, "
            "or set it to tensorflow"
        )


_backend()
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
with _quiet():
    import keras
    import tensorflow as tf

    keras.config.set_image_data_format("channels_last")  # whatever the user's keras.json says
    keras.config.set_floatx("float32")

__all__ = ["keras", "tf"]
