"""Where to train: on the GPUs that TensorFlow sees, or on the processor."""

import os
from contextlib import suppress
from typing import Any, Literal

from mnist_pipeline.environment import usable_cpus
from mnist_pipeline.errors import TrainingError
from mnist_pipeline.framework import tf
from mnist_pipeline.training.gpu import why_none


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


def describe() -> dict[str, Any]:
    """What the bits of a result depend on besides versions: device, GPUs, and threads."""
    gpus = tf.config.get_visible_devices("GPU")
    return {
        "device": "gpu" if gpus else "cpu",
        "gpus": [tf.config.experimental.get_device_details(gpu).get("device_name", gpu.name) for gpu in gpus],
        "threads": {
            "intra_op": _threads(tf.config.threading.get_intra_op_parallelism_threads(), "TF_NUM_INTRAOP_THREADS"),
            "inter_op": _threads(tf.config.threading.get_inter_op_parallelism_threads(), "TF_NUM_INTEROP_THREADS"),
        },
    }


def _threads(chosen: int, variable: str) -> int:
    """As many as were `chosen` in Python, or by the environment, or as TensorFlow takes of its own."""
    wanted = os.environ.get(variable, "")
    return chosen or (int(wanted) if wanted.isdecimal() else 0) or usable_cpus()
