"""The devices to train on, GPUs or the processor, and the number of threads."""

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Literal, NamedTuple

from mnist_pipeline.diagnostics.gpu import device_name, why_none
from mnist_pipeline.environment import usable_cpus
from mnist_pipeline.errors import TrainingError
from mnist_pipeline.framework import tf
from mnist_pipeline.run.record import TrainingEnvironment
from mnist_pipeline.threads import MAX_THREADS


class ThreadPool(NamedTuple):
    """A thread pool of TensorFlow, and how its size is read and set.

    In Python, where 0 is not set, and by an environment variable.
    """

    get: Callable[[], int]
    set: Callable[[int], None]
    variable: str


_threading = tf.config.threading
POOLS = {
    "intra_op": ThreadPool(
        _threading.get_intra_op_parallelism_threads, _threading.set_intra_op_parallelism_threads,
        "TF_NUM_INTRAOP_THREADS",
    ),
    "inter_op": ThreadPool(
        _threading.get_inter_op_parallelism_threads, _threading.set_inter_op_parallelism_threads,
        "TF_NUM_INTEROP_THREADS",
    ),
}  # fmt: skip


def choose_strategy(device: Literal["auto", "cpu", "gpu"]) -> tf.distribute.Strategy:
    """The strategy to build and train under: all GPUs, or the processor.

    Raises TrainingError, with the reason, if `device` is gpu and TensorFlow uses none.
    """
    gpus = tf.config.list_physical_devices("GPU")
    if device == "gpu" and not gpus:
        raise TrainingError(f"training.device: gpu: TensorFlow uses no GPU: {why_none()}")
    if device == "cpu" or not gpus:
        with suppress(RuntimeError):  # TensorFlow has started in this process; it keeps the devices it started with
            tf.config.set_visible_devices([], "GPU")
        return tf.distribute.get_strategy()
    return tf.distribute.MirroredStrategy() if len(gpus) > 1 else tf.distribute.get_strategy()


def use_threads(intra_op: Any, inter_op: Any) -> None:
    """Set how many threads TensorFlow uses.

    `intra_op`: inside an operation; `inter_op`: to run operations in parallel. Raises TrainingError for an invalid
    number, and where TensorFlow has already started with another one.
    """
    current = threads()
    for name, count in (("intra_op", intra_op), ("inter_op", inter_op)):
        if type(count) is not int or not 0 < count <= MAX_THREADS:
            raise TrainingError(f"threads: expected a number from 1 to {MAX_THREADS}, received {count!r}")
        if count == current[name]:
            continue
        try:
            POOLS[name].set(count)
        except RuntimeError as error:
            raise TrainingError(
                f"threads: TensorFlow has started with {current[name]} threads. To use {count}, start a new process"
            ) from error


def describe() -> TrainingEnvironment:
    """Device, GPUs and threads, on which the bits of a result depend.

    They also depend on versions and hardware.
    """
    gpus = tf.config.get_visible_devices("GPU")
    return {"device": "gpu" if gpus else "cpu", "gpus": [*map(device_name, gpus)], "threads": threads()}


def threads() -> dict[str, int]:
    """Thread counts: set in Python, by an environment variable, or by default."""
    return {name: pool.get() or _number(os.environ.get(pool.variable, "")) or usable_cpus()
            for name, pool in POOLS.items()}  # fmt: skip


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0
