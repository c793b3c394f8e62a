"""TensorFlow and Keras, imported once, quietly, with TensorFlow as the backend of Keras.

Only `training` and `inference` import this, inside the commands that need it: it takes seconds.
"""

import ctypes
import gc
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from mnist_pipeline.errors import InstallationError, TrainingError, why_not_imported
from mnist_pipeline.quiet import quiet

# What TensorFlow and Keras import if it is there, for tables, plots and wrappers that nothing here uses:
# a third of the time, and 10 MiB.
UNUSED = ("pandas", "matplotlib", "sklearn", "scipy")


@contextmanager
def _uncollected() -> Iterator[None]:
    """Look for no garbage: importing makes so many objects, all to stay, that looking takes a third of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@contextmanager
def _absent(packages: tuple[str, ...]) -> Iterator[None]:
    """Let an import of `packages` fail, as if they were not installed."""
    hidden = [name for name in packages if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type] # None is Python's mark for "cannot be imported"
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


@contextmanager
def _explained() -> Iterator[None]:
    """Raises InstallationError for whatever a broken installation raises: TypeError and AttributeError among them."""
    try:
        yield
    except Exception as error:
        raise InstallationError(
            f"TensorFlow and Keras cannot be imported: {why_not_imported(error)}. To see what works: mnist doctor"
        ) from error


def _share_one_heap() -> None:
    """Let all threads allocate from one heap, where the C library is glibc, which else keeps one for each.

    What XLA's compiler leaves in one of its threads then serves the others, and training holds some 20 MiB less.
    """
    arena_max = -8  # M_ARENA_MAX of malloc.h
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt:
        mallopt(arena_max, 1)


def _require_temporary_folder() -> None:
    """TensorFlow asks for one while it is imported."""
    try:
        tempfile.gettempdir()
    except OSError as error:
        raise TrainingError(
            "TensorFlow needs a folder for temporary files, and none can be written to. Set TMPDIR to one that can"
        ) from error


_require_temporary_folder()
wanted = os.environ.setdefault("KERAS_BACKEND", "tensorflow")
if wanted != "tensorflow":
    raise TrainingError(
        f"the variable KERAS_BACKEND says '{wanted}', and this package works with TensorFlow. Unset it, "
        "or set it to tensorflow"
    )
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
_share_one_heap()
with _explained(), quiet(), _absent(UNUSED), _uncollected():
    import keras
    import tensorflow as tf

    keras.config.set_image_data_format("channels_last")  # whatever the user's keras.json says
    keras.config.set_floatx("float32")

__all__ = ["keras", "tf"]
