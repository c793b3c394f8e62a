"""Diagnose this machine: versions, processors, GPU, data and folders."""

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mnist_pipeline import environment
from mnist_pipeline.diagnostics.probe import GPU, MODULES, Probe, probe
from mnist_pipeline.errors import DataError
from mnist_pipeline.installation import install_again, requirements
from mnist_pipeline.run import folder

GIBIBYTE = 2**30
TEMPORARY_FOLDER = "temporary folder"
MIN_FREE_BYTES = GIBIBYTE // 4  # a run takes some 10 MiB, MNIST 11

OTHER_TENSORFLOWS = {*environment.TENSORFLOW_BUILDS[1:]}  # installed in place of `tensorflow`


@dataclass(frozen=True)
class Diagnosis:
    """`properties` of this machine, by name, and the `problems` among them.

    `problems`: the packages, `GPU` and `TEMPORARY_FOLDER` that do not work.
    """

    properties: dict[str, str]
    problems: tuple[str, ...]

    @property
    def advice(self) -> str:
        """What is wrong and what to do about it; empty if nothing is."""
        if TEMPORARY_FOLDER in self.problems:  # first, as importing TensorFlow fails without one
            return environment.NO_TEMPORARY_FOLDER
        packages = [name for name in self.problems if name in MODULES]
        if packages:
            packages = ["numpy"] if "numpy" in packages else packages  # the others need it
            return f"{', '.join(packages)}: cannot be imported. {install_again(packages)}"
        return f"TensorFlow cannot be used: {self.properties[GPU]}" if self.problems else ""


def diagnose() -> Diagnosis:
    """Versions, processors, GPU, the data that are present, and folders."""
    probes = probe([*MODULES, GPU])
    hardware, temporary = environment.hardware(), environment.temporary_folder()
    properties = {
        **dict(_packages(probes)),
        "executable": sys.executable,
        "system": hardware["system"],
        "processor": f"{hardware['processor']}, {hardware['cpus']} usable",
        GPU: _gpu(probes),
        **_data(probes),
        "runs": _folder(folder.runs_folder().resolve()),
        TEMPORARY_FOLDER: _folder(temporary) if temporary else "none is writable",
    }
    problems = [name for name, each in probes.items() if not each.works]
    return Diagnosis(properties, (*problems, *([] if temporary else [TEMPORARY_FOLDER])))


def _packages(probes: dict[str, Probe]) -> Iterator[tuple[str, str]]:
    """The versions of packages that bits depend on, and errors of any others."""
    required, installed = requirements(), environment.versions()
    broken = [name for name in MODULES if not probes[name].works]
    names = dict.fromkeys([*installed, *environment.PACKAGES, *broken])
    if not OTHER_TENSORFLOWS.isdisjoint(installed):
        names.pop("tensorflow")
    for name in names:
        package = "tensorflow" if name in OTHER_TENSORFLOWS else name  # as it is required and imported
        works, detail = probes.get(package, Probe(True, ""))
        version, requirement = installed.get(name, detail if works else "not installed"), required.get(package, package)
        if not works:
            yield name, f"{version}, cannot be imported: {detail}"
        else:
            yield name, version if _satisfies(version, requirement) else f"{version}, but {requirement} is required"


def _satisfies(version: str, requirement: str) -> bool:
    """Whether `version` satisfies `requirement`, as pip would decide.

    True where packaging cannot be imported.
    """
    try:
        from packaging.requirements import Requirement
    except Exception:  # a broken installation raises any exception
        return True
    return version in Requirement(requirement).specifier


def _gpu(probes: dict[str, Probe]) -> str:
    broken = [name for name in ("numpy", "tensorflow", "keras") if not probes[name].works]
    return f"unknown without {', '.join(broken)}" if broken else probes[GPU].detail


def _data(probes: dict[str, Probe]) -> dict[str, str]:
    """Where MNIST is, without downloading it, its number of images; and the cache."""
    if not probes["numpy"].works:
        return {"mnist": "cannot be read without numpy"}
    from mnist_pipeline.data.sources import cache

    return {"mnist": _mnist(cache() / "mnist.npz"), "cache": _folder(cache())}


def _mnist(cached: Path) -> str:
    from mnist_pipeline.data.sources import load

    if not os.environ.get("MNIST_DATA") and _is_absent(cached):
        return "not downloaded yet; the first training downloads it"
    try:
        source = load("mnist")
    except DataError as error:
        return str(error)
    return f"{source.origin}, {sum(map(len, source.splits.values())):,} images"


def _folder(path: Path) -> str:
    """A folder, whether it is or could be created and written to, and the space left."""
    existing = next(parent for parent in (path, *path.parents) if not _is_absent(parent))
    access = "writable" if os.access(existing, os.W_OK) else "not writable"
    free = shutil.disk_usage(existing).free
    return f"{path} ({access}, {free / GIBIBYTE:.1f} GiB free{', which is little' if free < MIN_FREE_BYTES else ''})"


def _is_absent(path: Path) -> bool:
    """Whether nothing is at `path`; False where this user may not look."""
    try:
        return not path.exists()
    except OSError:
        return False
