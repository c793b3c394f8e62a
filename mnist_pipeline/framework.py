"""TensorFlow and Keras, imported only here; Keras with the backend tensorflow.

The import takes seconds, so only functions that build, train or run Keras models import this module. In a process of
our own (see `process`) it is quieter and faster; a process of others is left as it was.
"""

import ctypes
import gc
import logging
import os
import random
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np

from mnist_pipeline import process
from mnist_pipeline.environment import NO_TEMPORARY_FOLDER, temporary_folder, usable_cpus
from mnist_pipeline.errors import InstallationError, TrainingError, import_error_reason
from mnist_pipeline.native_stderr import LOG_LEVEL, ONLY_FAILURES, capture_native_stderr

BACKEND = "KERAS_BACKEND"

# TensorFlow and Keras import these where they are installed, for tables, plots and wrappers that are not used here:
# a third of the time of the import, and 10 MiB.
UNUSED_PACKAGES = ("pandas", "matplotlib", "sklearn", "scipy")

# With more, threads might wait for each other to allocate; one heap for all was measured on two processors only.
MAX_CPUS_FOR_ONE_HEAP = 4


@contextmanager
def _require_tensorflow_backend() -> Iterator[None]:
    """Let Keras choose TensorFlow, whatever keras.json names.

    Raises TrainingError if KERAS_BACKEND names another backend.
    """
    backend = os.environ.get(BACKEND)
    if backend not in (None, "tensorflow"):
        raise TrainingError(
            f"{BACKEND}={backend}: expected tensorflow, the backend that this package works with. Unset the variable"
        )
    os.environ[BACKEND] = "tensorflow"
    try:
        yield
    finally:
        if backend is None:
            del os.environ[BACKEND]


@contextmanager
def _pause_garbage_collection() -> Iterator[None]:
    """Collect no garbage, which takes a third of the time of the import."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@contextmanager
def _delay_ctrl_c() -> Iterator[None]:
    """Raise KeyboardInterrupt at the end of the block; for a second Ctrl-C, at once.

    An import that Ctrl-C interrupts may swallow it.
    """
    handler = signal.getsignal(signal.SIGINT)
    if handler is not signal.default_int_handler or threading.current_thread() is not threading.main_thread():
        yield
        return
    interrupted = False

    def set_interrupted(*_: Any) -> None:
        nonlocal interrupted
        interrupted = True
        signal.signal(signal.SIGINT, handler)

    signal.signal(signal.SIGINT, set_interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
    if interrupted:
        raise KeyboardInterrupt


@contextmanager
def _hide_packages(packages: tuple[str, ...]) -> Iterator[None]:
    """Let an import of `packages` fail, as if they were not installed."""
    names = [name for name in packages if name not in sys.modules]
    sys.modules.update(dict.fromkeys(names))  # type: ignore[arg-type] # None is Python's mark for "cannot be imported"
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]


@contextmanager
def _quick_and_quiet() -> Iterator[None]:
    """Import TensorFlow in a process of our own."""
    os.environ.setdefault(LOG_LEVEL, ONLY_FAILURES)
    _share_one_heap()
    with (
        _delay_ctrl_c(),
        capture_native_stderr(replay_on_failure=True),
        _hide_packages(UNUSED_PACKAGES),
        _pause_garbage_collection(),
    ):
        yield


@contextmanager
def _import_errors() -> Iterator[None]:
    """Raise InstallationError for any exception of a broken installation."""
    try:
        yield
    except Exception as error:
        raise InstallationError(
            f"TensorFlow and Keras cannot be imported: {import_error_reason(error)}. To see what works: mnist doctor"
        ) from error


def _share_one_heap() -> None:
    """Let all threads of a small machine use one heap; glibc has one for each thread.

    Memory that XLA's compiler frees in one thread then serves the others: training takes some 20 MiB less.
    """
    if usable_cpus() > MAX_CPUS_FOR_ONE_HEAP:
        return
    arena_max = -8  # M_ARENA_MAX of malloc.h
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt:
        mallopt(arena_max, 1)


def _require_temporary_folder() -> None:
    """Raise TrainingError without a temporary folder, which TensorFlow's import needs."""
    if temporary_folder() is None:
        raise TrainingError(NO_TEMPORARY_FOLDER)


def _share_gpus() -> None:
    """Allocate the memory of a GPU as it is needed, so that other processes have some."""
    for gpu in tf.config.list_physical_devices("GPU"):
        with suppress(RuntimeError):  # TensorFlow has started already
            tf.config.experimental.set_memory_growth(gpu, True)


@contextmanager
def preserve_random_state() -> Iterator[None]:
    """Restore the state of Python's `random`: imports draw from it, and Keras' layers draw seeds."""
    state = random.getstate()
    try:
        yield
    finally:
        random.setstate(state)


_require_temporary_folder()
_host = _quick_and_quiet() if process.is_owned() else preserve_random_state()
with _require_tensorflow_backend(), _host, _import_errors():
    import keras
    import tensorflow as tf
    from keras.src.backend.common import global_state
    from tensorflow.python.eager import context
    from tensorflow.python.framework import config as tf_config
if keras.backend.backend() != "tensorflow":
    raise TrainingError(
        f"Keras was imported with the backend {keras.backend.backend()} before. Expected tensorflow: start Python "
        f"anew with {BACKEND}=tensorflow"
    )


def _use_keras_defaults() -> None:
    """Ignore the user's keras.json, with which a config would train another model."""
    keras.config.set_image_data_format("channels_last")
    keras.config.set_floatx("float32")


if process.is_owned():
    _use_keras_defaults()
    _share_gpus()


def reset_keras() -> None:
    """Reset what Keras keeps for this thread: names of layers, seeds, dtype policy.

    keras.utils.clear_session does so for all threads.
    """
    vars(global_state.GLOBAL_STATE_TRACKER).clear()


@contextmanager
def preserve_state() -> Iterator[None]:
    """Let Keras have its defaults inside the block, and restore its state at the end.

    Restored: Python's `random` and NumPy's global generator; Keras' floatx, image data format, and all it keeps for
    this thread (seeds, dtype policy, layer names); TensorFlow's global seed with the seeds drawn from it, and whether
    its operations are deterministic; the level of absl's logger, which an export raises. Not restored: how
    far TensorFlow's random operations with a seed of their own have come (they begin again), visible GPUs, and thread
    counts.
    """
    python, numpy, eager = random.getstate(), np.random.get_state(), context.context()  # noqa: NPY002, it is global
    absl, absl_level = logging.getLogger("absl"), logging.getLogger("absl").level
    layout, floatx = keras.config.image_data_format(), keras.config.floatx()
    keras_state = dict(vars(global_state.GLOBAL_STATE_TRACKER))
    seeds = {name: vars(eager)[name] for name in ("_seed", "_rng") if name in vars(eager)}
    deterministic = tf_config.is_op_determinism_enabled()
    try:
        reset_keras()
        _use_keras_defaults()
        yield
    finally:
        random.setstate(python)
        absl.setLevel(absl_level)
        np.random.set_state(numpy)  # noqa: NPY002
        keras.config.set_image_data_format(layout)
        keras.config.set_floatx(floatx)
        reset_keras()
        vars(global_state.GLOBAL_STATE_TRACKER).update(keras_state)
        tf.random.set_seed(0)  # forgets the operations that were seeded inside
        vars(eager).update(seeds)
        if not deterministic:
            tf_config.disable_op_determinism()


_tf32_before: list[bool] = []  # an entry for each `full_float32` that is open


@contextmanager
def full_float32() -> Iterator[None]:
    """Multiply float32 with all 24 bits, where GPUs would round to 11 bits (TF32).

    Several threads may be inside at once; the last restores the setting.
    """
    with process.SETTINGS_LOCK:
        _tf32_before.append(tf.config.experimental.tensor_float_32_execution_enabled())
        tf.config.experimental.enable_tensor_float_32_execution(False)
    try:
        yield
    finally:
        with process.SETTINGS_LOCK:
            before = _tf32_before.pop()  # the first entry is popped last
            if not _tf32_before:
                tf.config.experimental.enable_tensor_float_32_execution(before)


__all__ = ["full_float32", "keras", "preserve_random_state", "preserve_state", "reset_keras", "tf"]
