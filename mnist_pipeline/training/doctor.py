"""What this machine is, and whether everything is in place."""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

from mnist_pipeline import environment, run
from mnist_pipeline.data.sources import cache
from mnist_pipeline.framework import tf
from mnist_pipeline.training import devices

GIBIBYTE = 2**30


def diagnosis() -> dict[str, Any]:
    """Versions, processors, GPU, the data that are here already, and where runs can go."""
    hardware = environment.hardware()
    return {
        **environment.versions(),
        "executable": sys.executable,
        "system": hardware["system"],
        "processor": f"{hardware['processor']}, {hardware['cpus']} usable",
        "GPU": _gpu(),
        "mnist": _mnist(),
        "cache": f"{cache()} ({'writable' if _writable(cache()) else 'not writable'})",
        "runs": f"{run.RUNS.resolve()} ({'writable' if _writable(run.RUNS.resolve()) else 'not writable'}), "
        f"{shutil.disk_usage(Path.cwd()).free / GIBIBYTE:.1f} GiB free",
    }


def _gpu() -> str:
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return f"none used: {devices.why_no_gpu()}"
    names = [tf.config.experimental.get_device_details(gpu).get("device_name", gpu.name) for gpu in gpus]
    return f"used: {', '.join(names)}"


def _mnist() -> str:
    told = os.environ.get("MNIST_DATA")
    if told:
        return f"{told}, as MNIST_DATA says{'' if Path(told).exists() else ', which does not exist'}"
    file = cache() / "mnist.npz"
    return str(file) if file.exists() else "not here yet; the first training downloads it"


def _writable(folder: Path) -> bool:
    """Whether `folder` can be written to, or made."""
    nearest = next(parent for parent in (folder, *folder.parents) if parent.exists())
    return os.access(nearest, os.W_OK)
