"""TensorFlow arrives quietly, and as the backend of Keras."""

import os
import subprocess
import sys
from pathlib import Path
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


# As on a machine whose disk for temporary files is gone, in a folder that cannot be written to.
WITHOUT_TEMPORARY_FOLDER = """
import os, sys, tempfile
def none():
    raise FileNotFoundError(2, "No usable temporary directory found in ['/tmp']")
tempfile._get_default_tempdir = none
from mnist_pipeline.cli.main import main
main(sys.argv[1:])
"""


def without_temporary_folder(*command: str) -> subprocess.CompletedProcess[str]:
    arguments = [sys.executable, "-c", WITHOUT_TEMPORARY_FOLDER, *command]
    return subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=120)


def test_without_a_folder_for_temporary_files_a_run_answers_all_the_same(trained: Path) -> None:
    done = without_temporary_folder("predict", "--run", str(trained))
    assert (done.returncode, done.stderr) == (0, "")
    assert "test image 0" in done.stdout


def test_without_a_folder_for_temporary_files_tensorflow_cannot_start_and_that_is_said(trained: Path) -> None:
    done = without_temporary_folder("predict", "--run", str(trained), "--runtime", "keras")
    assert done.returncode == 1
    assert done.stderr == (
        "Error: TensorFlow needs a folder for temporary files, and none can be written to. Set TMPDIR to one that can\n"
    )


def test_a_tensorflow_that_does_not_import_is_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "tensorflow.py").write_text("raise TypeError('descriptors of another protobuf')")
    done = imported(PYTHONPATH=os.pathsep.join([str(tmp_path), *sys.path]))
    assert "InstallationError: TensorFlow and Keras cannot be imported: TypeError: descriptors of" in done.stderr


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
