"""What this machine is, and whether everything is in place."""

import os
import shutil
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from mnist_pipeline import environment, run
from mnist_pipeline.data.sources import cache, load
from mnist_pipeline.errors import DataError
from mnist_pipeline.framework import tf
from mnist_pipeline.training.gpu import why_none

GIBIBYTE = 2**30
LITTLE = GIBIBYTE // 4  # a run takes some 10 MiB, MNIST 11


def diagnosis() -> dict[str, Any]:
    """Versions, processors, GPU, the data that are here already, and where runs can go."""
    hardware = environment.hardware()
    return {
        **_versions(),
        "executable": sys.executable,
        "system": hardware["system"],
        "processor": f"{hardware['processor']}, {hardware['cpus']} usable",
        "GPU": _gpu(),
        "mnist": _mnist(),
        "cache": _place(cache()),
        "runs": _place(run.runs_folder().resolve()),
    }


def _gpu() -> str:
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return f"none used: {why_none()}"
    names = [tf.config.experimental.get_device_details(gpu).get("device_name", gpu.name) for gpu in gpus]
    return f"used: {', '.join(names)}"


def _versions() -> dict[str, str]:
    """The versions that are here, and of those that this package cannot work with, which it needs."""
    required = map(Requirement, metadata.requires("mnist-pipeline") or ())
    needed = {each.name: each.specifier for each in required if not each.marker}
    return {
        name: here if here in needed.get(name, SpecifierSet()) else f"{here}, and this package needs {needed[name]}"
        for name, here in environment.versions().items()
    }


def _mnist() -> str:
    """Where MNIST lies and how much of it; it is not downloaded for this."""
    if not (os.environ.get("MNIST_DATA") or (cache() / "mnist.npz").exists()):
        return "not here yet; the first training downloads it"
    try:
        source = load("mnist")
    except DataError as error:
        return str(error)
    return f"{source.origin}, {sum(map(len, source.parts.values())):,} images"


def _place(folder: Path) -> str:
    """A folder, and whether there is leave and room to write to it, or to make it."""
    nearest = next(parent for parent in (folder, *folder.parents) if parent.exists())
    leave = "writable" if os.access(nearest, os.W_OK) else "not writable"
    free = shutil.disk_usage(nearest).free
    return f"{folder} ({leave}, {free / GIBIBYTE:.1f} GiB free{', which is little' if free < LITTLE else ''})"
