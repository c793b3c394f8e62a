"""Import required packages, and look for GPUs, in a separate process.

A crash there, such as TensorFlow's on a processor without AVX, does not end `mnist doctor`.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from mnist_pipeline import process as this_process
from mnist_pipeline.errors import import_error_reason
from mnist_pipeline.installation import ROOT
from mnist_pipeline.native_stderr import native_logs_wanted

# The name of a package for pip -> the module that is imported to test it.
MODULES = {
    "ai-edge-litert": "ai_edge_litert.interpreter",
    "click": "click",
    "filelock": "filelock",
    "h5py": "h5py",
    "keras": "keras",
    "numpy": "numpy",
    "packaging": "packaging",
    "pillow": "PIL.Image",
    "pydantic": "pydantic",
    "pydantic-core": "pydantic_core",
    "pyyaml": "yaml",
    "rich": "rich",
    "tensorflow": "tensorflow",
}
GPU = "GPU"  # probed like a package: whether TensorFlow, as this package starts it, uses one


class Probe(NamedTuple):
    """Whether a package or the GPU works.

    `detail`: its version, the GPUs in use, or the error.
    """

    works: bool
    detail: str


def probe(names: Sequence[str]) -> dict[str, Probe]:
    """Try each of `names`, packages or `GPU`.

    After a crash a new process tries the rest.
    """
    probes: dict[str, Probe] = {}
    while rest := names[len(probes) :]:
        process = subprocess.run(  # noqa: S603, this Python and this module
            [sys.executable, "-P", "-m", "mnist_pipeline.diagnostics.probe", *rest],
            env=os.environ | {"PYTHONPATH": _python_path()}, check=False,
            stdout=subprocess.PIPE, stderr=None if native_logs_wanted() else subprocess.DEVNULL,
        )  # fmt: skip
        results = [Probe(*json.loads(line)) for line in process.stdout.splitlines()]
        probes |= dict(zip(rest, results, strict=False))
        if len(probes) < len(names):
            probes[names[len(probes)]] = Probe(False, _crash(process.returncode))
    return probes


def _python_path() -> str:
    """The module search path of this process, so that the other finds the same.

    -P adds no folder to it.
    """
    return os.pathsep.join([*(folder or str(Path.cwd()) for folder in sys.path), str(ROOT)])


def _crash(status: int) -> str:
    if status == -signal.SIGILL:
        return "the process ended with SIGILL: it needs instructions (AVX) that this processor does not have"
    names = {-number: number.name for number in signal.Signals}
    return f"the process ended with {names.get(status, f'status {status}')}"


def _try(name: str) -> Probe:
    try:
        return Probe(True, _gpu_usage() if name == GPU else _import(name))
    except Exception as error:  # a broken installation raises any exception
        return Probe(False, import_error_reason(error))


def _gpu_usage() -> str:
    from mnist_pipeline.diagnostics import gpu

    return gpu.usage()


def _import(name: str) -> str:
    """The version of a package, after importing it.

    Keras is imported with the backend that this package uses.
    """
    backend = os.environ.pop("KERAS_BACKEND", None)
    os.environ["KERAS_BACKEND"] = "tensorflow"
    try:
        import_module(MODULES[name])
        return str(getattr(sys.modules[MODULES[name].partition(".")[0]], "__version__", ""))
    finally:
        del os.environ["KERAS_BACKEND"]
        os.environ.update({"KERAS_BACKEND": backend} if backend else {})


if __name__ == "__main__":
    this_process.own()
    results = os.dup(1)
    os.dup2(2, 1)  # imports may print
    for requested in sys.argv[1:]:
        os.write(results, json.dumps(_try(requested)).encode() + b"\n")
