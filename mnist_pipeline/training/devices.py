"""Where to train: on the GPUs that TensorFlow sees, or on the processor."""

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Literal, NamedTuple

from mnist_pipeline.diagnostics.gpu import why_none
from mnist_pipeline.environment import usable_cpus
from mnist_pipeline.errors import TrainingError
from mnist_pipeline.framework import tf
from mnist_pipeline.run.record import Machine
from mnist_pipeline.threads import MAX_THREADS


class Pool(NamedTuple):
    """Threads of TensorFlow: how many were chosen (0: none), the way to choose, and the variable that does so too."""

    chosen: Callable[[], int]
    choose: Callable[[int], None]
    variable: str


_threading = tf.config.threading
POOLS = {
    "intra_op": Pool(
        _threading.get_intra_op_parallelism_threads, _threading.set_intra_op_parallelism_threads,
        "TF_NUM_INTRAOP_THREADS",
    ),
    "inter_op": Pool(
        _threading.get_inter_op_parallelism_threads, _threading.set_inter_op_parallelism_threads,
        "TF_NUM_INTEROP_THREADS",
    ),
}  # fmt: skip


def choose(device: Literal["auto", "cpu", "gpu"]) -> tf.distribute.Strategy:
    """The strategy to build and train under: all GPUs of this machine, or the processor.

    Raises TrainingError that says why, if `device` is gpu and there is none.
    """
    gpus = tf.config.list_physical_devices("GPU")
    if device == "gpu" and not gpus:
        raise TrainingError(f"training.device is gpu, and TensorFlow uses none: {why_none()}")
    if device == "cpu" or not gpus:
        with suppress(RuntimeError):  # already at work in this process, and then without a GPU or on it
            tf.config.set_visible_devices([], "GPU")
        return tf.distribute.get_strategy()
    return tf.distribute.MirroredStrategy() if len(gpus) > 1 else tf.distribute.get_strategy()


def use_threads(intra_op: Any, inter_op: Any) -> None:
    """Let TensorFlow compute with so many threads: inside an operation, and operations side by side.

    Raises TrainingError for no number of threads, and where TensorFlow has started already, with another number.
    """
    now = threads()
    for name, wanted in (("intra_op", intra_op), ("inter_op", inter_op)):
        if type(wanted) is not int or not 0 < wanted <= MAX_THREADS:
            raise TrainingError(f"threads: expected a number from 1 to {MAX_THREADS}, received {wanted!r}")
        if wanted == now[name]:
            continue
        try:
            POOLS[name].choose(wanted)
        except RuntimeError as error:
            raise TrainingError(
                f"TensorFlow has started with {now[name]} threads; {wanted} need a new process"
            ) from error


def describe() -> Machine:
    """What the bits of a result depend on besides versions: device, GPUs, and threads."""
    gpus = tf.config.get_visible_devices("GPU")
    return {
        "device": "gpu" if gpus else "cpu",
        "gpus": [tf.config.experimental.get_device_details(gpu).get("device_name", gpu.name) for gpu in gpus],
        "threads": threads(),
    }


def threads() -> dict[str, int]:
    """Thread counts: set in Python, else by an environment variable, else TensorFlow's default."""
    return {name: pool.chosen() or _number(os.environ.get(pool.variable, "")) or usable_cpus()
            for name, pool in POOLS.items()}  # fmt: skip


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0
