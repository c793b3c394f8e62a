"""TensorFlow and Keras, imported once, quietly, with TensorFlow as the backend of Keras.

Only `training` and `inference` import this, inside the commands that need it: it takes seconds.
"""

import ctypes
import gc
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from mnist_pipeline.environment import NO_TEMPORARY_FOLDER, temporary_folder, usable_cpus
from mnist_pipeline.errors import InstallationError, TrainingError, import_error_reason
from mnist_pipeline.native_stderr import LOG_LEVEL, ONLY_FAILURES, capture_native_stderr

# What TensorFlow and Keras import if it is there, for tables, plots and wrappers that nothing here uses:
# a third of the time, and 10 MiB.
UNUSED = ("pandas", "matplotlib", "sklearn", "scipy")

# Where more run at once, threads may wait for one another to allocate: that was measured on two processors only.
MAX_CPUS_FOR_ONE_HEAP = 4


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
def _interrupted_after() -> Iterator[None]:
    """Ctrl-C inside is raised at the end, as an import that it breaks off may swallow it; a second one at once."""
    handler = signal.getsignal(signal.SIGINT)
    if handler is not signal.default_int_handler or threading.current_thread() is not threading.main_thread():
        yield
        return
    asked = False

    def ask(*_: Any) -> None:
        nonlocal asked
        asked = True
        signal.signal(signal.SIGINT, handler)

    signal.signal(signal.SIGINT, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
    if asked:
        raise KeyboardInterrupt


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
            f"TensorFlow and Keras cannot be imported: {import_error_reason(error)}. To see what works: mnist doctor"
        ) from error


def _share_one_heap() -> None:
    """Let the threads of a small machine allocate from one heap, where glibc else keeps one for each.

    What XLA's compiler leaves in one of its threads then serves the others, and training holds some 20 MiB less.
    """
    if usable_cpus() > MAX_CPUS_FOR_ONE_HEAP:
        return
    arena_max = -8  # M_ARENA_MAX of malloc.h
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt:
        mallopt(arena_max, 1)


def _require_temporary_folder() -> None:
    """TensorFlow asks for one while it is imported."""
    if temporary_folder() is None:
        raise TrainingError(NO_TEMPORARY_FOLDER)


def _share_gpus() -> None:
    """Take the memory of a GPU as it is needed, not all of it at once, so that others find some."""
    for gpu in tf.config.list_physical_devices("GPU"):
        with suppress(RuntimeError):  # whoever imported TensorFlow before has put it to work already
            tf.config.experimental.set_memory_growth(gpu, True)


_require_temporary_folder()
wanted = os.environ.setdefault("KERAS_BACKEND", "tensorflow")
if wanted != "tensorflow":
    raise TrainingError(
        f"the variable KERAS_BACKEND says '{wanted}', and this package works with TensorFlow. Unset it, "
        "or set it to tensorflow"
    )
os.environ.setdefault(LOG_LEVEL, ONLY_FAILURES)
_share_one_heap()
with _interrupted_after(), _explained(), capture_native_stderr(replay_on_failure=True), _absent(UNUSED), _uncollected():
    import keras
    import tensorflow as tf

    keras.config.set_image_data_format("channels_last")  # whatever the user's keras.json says
    keras.config.set_floatx("float32")
    _share_gpus()


@contextmanager
def full_float32() -> Iterator[None]:
    """Products of float32 keep all 24 bits inside; a GPU would else round what it multiplies to the 11 of TF32."""
    rounded = tf.config.experimental.tensor_float_32_execution_enabled()
    tf.config.experimental.enable_tensor_float_32_execution(False)
    try:
        yield
    finally:
        tf.config.experimental.enable_tensor_float_32_execution(rounded)


__all__ = ["full_float32", "keras", "tf"]
