"""TensorFlow arrives quietly, and as the backend of Keras."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from mnist_pipeline import framework


def imported(**variables: str) -> subprocess.CompletedProcess[str]:
    program = "from mnist_pipeline.framework import keras; print(keras.backend.backend())"
    environment = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"} | variables
    return subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False, timeout=120
    )


def test_importing_tensorflow_says_nothing() -> None:
    done = imported()
    assert (done.stdout.strip(), done.stderr) == ("tensorflow", "")


def test_another_backend_is_said_plainly() -> None:
    done = imported(KERAS_BACKEND="jax")
    assert done.returncode == 1
    assert "KERAS_BACKEND says 'jax'" in done.stderr


def test_what_keras_would_import_and_nothing_uses_is_left_out_and_can_be_imported_later() -> None:
    program = (
        "import gc, sys; from mnist_pipeline import framework\n"
        "assert not {'pandas', 'matplotlib', 'sklearn', 'scipy'} & set(sys.modules)\n"
        "assert gc.isenabled()\n"
        "import matplotlib, pandas, scipy, sklearn\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)


def arenas_set(monkeypatch: pytest.MonkeyPatch, cpus: int) -> list[tuple[int, int]]:
    """What the C library is told on a machine with so many processors."""
    told: list[tuple[int, int]] = []
    library = SimpleNamespace(mallopt=lambda *arguments: told.append(arguments))
    monkeypatch.setattr(framework.ctypes, "CDLL", lambda _: library)
    monkeypatch.setattr(framework.sys, "platform", "linux")
    monkeypatch.setattr(framework, "usable_cpus", lambda: cpus)
    framework._share_one_heap()
    return told


@pytest.mark.parametrize(("cpus", "told"), [(1, [(-8, 1)]), (4, [(-8, 1)]), (5, []), (64, [])])
def test_threads_share_a_heap_only_where_few_of_them_can_wait_for_it(
    monkeypatch: pytest.MonkeyPatch, cpus: int, told: list[tuple[int, int]]
) -> None:
    assert arenas_set(monkeypatch, cpus) == told
