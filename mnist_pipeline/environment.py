"""What the bits of a result depend on besides the config: versions and hardware."""

import os
import platform
import sys
from pathlib import Path
from typing import Any

from mnist_pipeline import __version__

# The packages on which the bits of a result depend, and the module that each brings.
PACKAGES = {
    "tensorflow": "tensorflow", "keras": "keras", "numpy": "numpy", "pydantic": "pydantic", "pillow": "PIL",
    "ai-edge-litert": "ai_edge_litert",
}  # fmt: skip


def versions() -> dict[str, str]:
    """The versions of Python, of this package and of `PACKAGES`, without those that are not installed."""
    others = {name: version(name) for name in PACKAGES}
    known = {name: number for name, number in others.items() if number is not None}
    return {"python": platform.python_version(), "mnist-pipeline": __version__} | known


def version(package: str) -> str | None:
    """The version of one of `PACKAGES`: what its metadata say, else its module where that is imported already.

    TensorFlow has metadata of other names too: tensorflow-cpu, tf-nightly and more.
    """
    from importlib import metadata

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return getattr(sys.modules.get(PACKAGES[package]), "__version__", None)


def changes(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """What differs between two descriptions, part by part: `tensorflow 2.21.0, now 2.22.0`."""
    found = []
    for name, value in now.items():
        if isinstance(value, dict):
            found += changes(before.get(name) or {}, value)
        elif name in before and before[name] != value:
            found.append(f"{name} {before[name]}, now {value}")
    return found


def changes_since(record: dict[str, Any], machine: dict[str, Any]) -> list[str]:
    """What differs between `machine` and each that the run with this `record` was trained on."""
    places = [record, *record.get("resumptions", [])]
    return list(dict.fromkeys(change for place in places for change in changes(place, machine)))


def hardware() -> dict[str, Any]:
    """The machine: system, processor, and the processors this process may use."""
    return {"system": platform.platform(), "processor": _processor(), "cpus": usable_cpus()}


def usable_cpus() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def multiplies_bfloat16() -> bool:
    """Whether the processor has instructions for products in bfloat16; where it does not say, False."""
    return not {"avx512_bf16", "amx_bf16"}.isdisjoint(_cpuinfo("flags").split())


def _processor() -> str:
    return _cpuinfo("model name") or platform.processor() or platform.machine()


def _cpuinfo(key: str) -> str:
    """What Linux says of the first processor; empty where there is nothing."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), "")


NO_TEMPORARY_FOLDER = (
    "TensorFlow needs a folder for temporary files, and none can be written to. Set TMPDIR to one that can"
)


def temporary_folder() -> Path | None:
    """Where Python puts temporary files; None where none can be written to."""
    import tempfile

    try:
        return Path(tempfile.gettempdir())
    except OSError:
        return None


def state_folder() -> Path:
    """The folder for what this package keeps about the user's work. Raises RuntimeError if there is no home folder."""
    variable, default = ("LOCALAPPDATA", "AppData/Local") if os.name == "nt" else ("XDG_STATE_HOME", ".local/state")
    folder = Path(os.environ.get(variable, ""))
    return (folder if folder.is_absolute() else Path.home() / default) / "mnist-pipeline"


def git_commit() -> str | None:
    """The commit of the folder that the command runs in, if it is in a checkout."""
    import subprocess

    try:
        answer = subprocess.run(
            ["git", "rev-parse", "HEAD"],  # noqa: S607, whichever git the user has
            capture_output=True, text=True, timeout=5, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()
