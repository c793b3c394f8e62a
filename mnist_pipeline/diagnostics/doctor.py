"""What this machine is, and whether everything is in place."""

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mnist_pipeline import environment
from mnist_pipeline.diagnostics.probe import GPU, MODULES, attempts
from mnist_pipeline.errors import DataError
from mnist_pipeline.installation import install_again, requirements
from mnist_pipeline.run import folder

GIBIBYTE = 2**30
TEMPORARY_FOLDER = "temporary folder"
LITTLE = GIBIBYTE // 4  # a run takes some 10 MiB, MNIST 11
Attempts = dict[str, tuple[bool, str]]


@dataclass(frozen=True)
class Diagnosis:
    """`facts`: what and which; `problems`: the packages, `GPU` and `TEMPORARY_FOLDER`, where they do not work."""

    facts: dict[str, str]
    problems: tuple[str, ...]

    @property
    def advice(self) -> str:
        """What is wrong and what to do about it; empty where nothing is."""
        if TEMPORARY_FOLDER in self.problems:  # first, as importing TensorFlow fails for lack of it
            return environment.NO_TEMPORARY_FOLDER
        packages = [name for name in self.problems if name in MODULES]
        if packages:
            packages = ["numpy"] if "numpy" in packages else packages  # the others need it
            return f"{', '.join(packages)}: cannot be imported. {install_again(packages)}"
        return f"TensorFlow cannot be used: {self.facts[GPU]}" if self.problems else ""


def diagnose() -> Diagnosis:
    """Versions, processors, GPU, the data that are here already, and where runs can go."""
    tried = attempts([*MODULES, GPU])
    hardware, temporary = environment.hardware(), environment.temporary_folder()
    facts = {
        **dict(_packages(tried)),
        "executable": sys.executable,
        "system": hardware["system"],
        "processor": f"{hardware['processor']}, {hardware['cpus']} usable",
        GPU: _gpu(tried),
        **_data(tried),
        "runs": _place(folder.runs_folder().resolve()),
        TEMPORARY_FOLDER: _place(temporary) if temporary else "none that can be written to",
    }
    problems = [name for name, (works, _) in tried.items() if not works]
    return Diagnosis(facts, (*problems, *([] if temporary else [TEMPORARY_FOLDER])))


def _packages(tried: Attempts) -> Iterator[tuple[str, str]]:
    """The versions that bits depend on; of each package what is wrong with it, if anything is."""
    needed, here = requirements(), environment.versions()
    broken = [name for name in MODULES if not tried[name][0]]
    for name in dict.fromkeys([*here, *environment.PACKAGES, *broken]):
        works, said = tried.get(name, (True, ""))
        version, needs = here.get(name, said if works else "not installed"), needed.get(name, name)
        if not works:
            yield name, f"{version}, cannot be imported: {said}"
        else:
            yield name, version if _fits(version, needs) else f"{version}, but {needs} is required"


def _fits(version: str, requirement: str) -> bool:
    """Whether pip would take `version`; True where its rules cannot be imported, which is told of already."""
    try:
        from packaging.requirements import Requirement
    except Exception:  # whatever a broken installation raises
        return True
    return version in Requirement(requirement).specifier


def _gpu(tried: Attempts) -> str:
    lacking = [name for name in ("numpy", "tensorflow", "keras") if not tried[name][0]]
    return f"nothing is known of it without {', '.join(lacking)}" if lacking else tried[GPU][1]


def _data(tried: Attempts) -> dict[str, str]:
    """Where MNIST lies and how much of it, which is not downloaded for this; and the cache."""
    if not tried["numpy"][0]:
        return {"mnist": "cannot be read without numpy"}
    from mnist_pipeline.data.sources import cache

    return {"mnist": _mnist(cache() / "mnist.npz"), "cache": _place(cache())}


def _mnist(cached: Path) -> str:
    from mnist_pipeline.data.sources import load

    if not os.environ.get("MNIST_DATA") and _is_absent(cached):
        return "not here yet; the first training downloads it"
    try:
        source = load("mnist")
    except DataError as error:
        return str(error)
    return f"{source.origin}, {sum(map(len, source.splits.values())):,} images"


def _place(folder: Path) -> str:
    """A folder, and whether there is leave and room to write to it, or to make it."""
    nearest = next(parent for parent in (folder, *folder.parents) if not _is_absent(parent))
    leave = "writable" if os.access(nearest, os.W_OK) else "not writable"
    free = shutil.disk_usage(nearest).free
    return f"{folder} ({leave}, {free / GIBIBYTE:.1f} GiB free{', which is little' if free < LITTLE else ''})"


def _is_absent(path: Path) -> bool:
    """Whether nothing is at `path`; where this user may not look, something may be."""
    try:
        return not path.exists()
    except OSError:
        return False
