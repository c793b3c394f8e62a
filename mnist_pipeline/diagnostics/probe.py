"""Imports what this package needs, and asks TensorFlow for GPUs, in a process of its own.

What crashes there, as TensorFlow does on a processor without AVX, takes no diagnosis along.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from mnist_pipeline.errors import why_not_imported
from mnist_pipeline.installation import ROOT
from mnist_pipeline.native_stderr import native_logs_wanted

# What pip calls a package -> the module of it that is imported to see whether it works.
MODULES = {
    "ai-edge-litert": "ai_edge_litert.interpreter",
    "click": "click",
    "filelock": "filelock",
    "h5py": "h5py",
    "keras": "keras",
    "mlxtend": "mlxtend",
    "numpy": "numpy",
    "packaging": "packaging",
    "pillow": "PIL.Image",
    "pydantic": "pydantic",
    "pydantic-core": "pydantic_core",
    "pyyaml": "yaml",
    "rich": "rich",
    "tensorflow": "tensorflow",
}
GPU = "GPU"  # besides the packages: whether TensorFlow, as this package sets it up, uses one


def attempts(names: Sequence[str]) -> dict[str, tuple[bool, str]]:
    """Whether each of `names`, packages or `GPU`, works, and what it says: its version or GPU, or an error."""
    found: dict[str, tuple[bool, str]] = {}
    while rest := names[len(found) :]:
        done = subprocess.run(  # noqa: S603, this Python and this module
            [sys.executable, "-P", "-m", "mnist_pipeline.diagnostics.probe", *rest],
            env=os.environ | {"PYTHONPATH": _path()}, check=False,
            stdout=subprocess.PIPE, stderr=None if native_logs_wanted() else subprocess.DEVNULL,
        )  # fmt: skip
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        found |= {name: (works, said) for name, (works, said) in zip(rest, answers, strict=False)}
        if len(found) < len(names):
            found[names[len(found)]] = (False, _crash(done.returncode))
    return found


def _path() -> str:
    """Where this process looks for modules, so that another finds the same ones; -P keeps it from adding a folder."""
    return os.pathsep.join([*(folder or str(Path.cwd()) for folder in sys.path), str(ROOT)])


def _crash(status: int) -> str:
    """What is known of a process that ended without an answer."""
    if status == -signal.SIGILL:
        return "the process ended with SIGILL: it needs instructions (AVX) that this processor has not"
    names = {-number: number.name for number in signal.Signals}
    return f"the process ended with {names.get(status, f'status {status}')}"


def _attempt(name: str) -> tuple[bool, str]:
    try:
        return True, _gpu() if name == GPU else _import(name)
    except Exception as error:  # whatever a broken installation raises
        return False, why_not_imported(error)


def _gpu() -> str:
    from mnist_pipeline.diagnostics import gpu

    return gpu.in_use()


def _import(name: str) -> str:
    """The version of a package, once it is imported; Keras with the backend that it is used with here."""
    told = os.environ.pop("KERAS_BACKEND", None)
    os.environ["KERAS_BACKEND"] = "tensorflow"
    try:
        import_module(MODULES[name])
        return str(getattr(sys.modules[MODULES[name].partition(".")[0]], "__version__", ""))
    finally:
        del os.environ["KERAS_BACKEND"]
        os.environ.update({"KERAS_BACKEND": told} if told else {})


if __name__ == "__main__":
    answer = os.dup(1)  # what is imported may print
    os.dup2(2, 1)
    for wanted in sys.argv[1:]:
        os.write(answer, json.dumps(_attempt(wanted)).encode() + b"\n")
