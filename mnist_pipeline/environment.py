"""Versions and hardware: what the bits of a result depend on besides the config."""

import os
import platform
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from mnist_pipeline import __version__

# Packages that the bits of a result depend on -> the module that each brings.
PACKAGES = {
    "tensorflow": "tensorflow", "keras": "keras", "numpy": "numpy", "pydantic": "pydantic", "pillow": "PIL",
    "ai-edge-litert": "ai_edge_litert",
}  # fmt: skip

# Packages that bring the module tensorflow. pip installs the first as a dependency; another may stand in its place.
TENSORFLOW_BUILDS = ("tensorflow", "tensorflow-cpu", "tf-nightly", "tf-nightly-cpu", "tensorflow-rocm")


def versions() -> dict[str, str]:
    """Versions of Python, this package and those of `PACKAGES` that are installed.

    TensorFlow has the name of its build, such as tensorflow-cpu.
    """
    packages = {"python": platform.python_version(), "mnist-pipeline": __version__}
    for name, module in PACKAGES.items():
        builds = TENSORFLOW_BUILDS if name == "tensorflow" else (name,)
        packages |= _installed(builds) or _imported(name, module)
    return packages


def _installed(packages: Sequence[str]) -> dict[str, str]:
    """The first of `packages` that is installed, and its version."""
    from importlib import metadata

    for name in packages:
        with suppress(metadata.PackageNotFoundError):
            return {name: metadata.version(name)}
    return {}


def _imported(package: str, module: str) -> dict[str, str]:
    """The version of a module; nothing if it is not imported."""
    version = getattr(sys.modules.get(module), "__version__", None)
    return {} if version is None else {package: version}


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Differences between two descriptions of a machine: `keras 3.15.0, now 3.15.1`."""
    differences = []
    for name, value in now.items():
        if isinstance(value, dict):
            differences += changes(before.get(name) or {}, value)
        elif name in before:
            differences += [f"{name} {before[name]}, now {value}"] if before[name] != value else []
        elif name in TENSORFLOW_BUILDS:
            other = [build for build in TENSORFLOW_BUILDS if build in before]
            differences += [f"{build} {before[build]}, now {name} {value}" for build in other]
    return differences


def changes_since(record: Mapping[str, Any], machine: Mapping[str, Any]) -> list[str]:
    """Differences between `machine` and all machines that the run was trained on."""
    machines = [record, *record.get("resumptions", [])]
    return list(dict.fromkeys(change for before in machines for change in changes(before, machine)))


def hardware() -> dict[str, Any]:
    """System, processor, and how many processors this process may use."""
    return {"system": platform.platform(), "processor": _processor(), "cpus": usable_cpus()}


def usable_cpus() -> int:
    """Number of processors that this process may use, after its affinity mask."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def multiplies_bfloat16() -> bool:
    """Whether the processor has instructions for bfloat16; False if unknown.

    It is unknown on Windows and macOS.
    """
    return not {"avx512_bf16", "amx_bf16"}.isdisjoint(_cpuinfo("flags").split())


def _processor() -> str:
    return _cpuinfo("model name") or platform.processor() or platform.machine()


def _cpuinfo(key: str) -> str:
    """Value of `key` in Linux' /proc/cpuinfo for the first processor; empty elsewhere."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), "")


NO_TEMPORARY_FOLDER = (
    "TensorFlow needs a folder for temporary files, and none can be written to. Set TMPDIR to one that can"
)


def temporary_folder() -> Path | None:
    """The folder that Python puts temporary files in; None if none is writable."""
    import tempfile

    try:
        return Path(tempfile.gettempdir())
    except OSError:
        return None


def state_folder() -> Path:
    """The folder for what this package keeps about the user's runs.

    Raises RuntimeError if there is no home folder.
    """
    variable, default = ("LOCALAPPDATA", "AppData/Local") if os.name == "nt" else ("XDG_STATE_HOME", ".local/state")
    folder = Path(os.environ.get(variable, ""))
    return (folder if folder.is_absolute() else Path.home() / default) / "mnist-pipeline"


def git_commit() -> str | None:
    """The commit of the working directory; None if it is not in a git checkout."""
    import subprocess

    try:
        process = subprocess.run(
            ["git", "rev-parse", "HEAD"],  # noqa: S607, whichever git the user has
            capture_output=True, text=True, timeout=5, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return process.stdout.strip()
