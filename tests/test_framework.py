"""TensorFlow is imported quietly, as the backend of Keras."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from mnist_pipeline import framework, process

# As the command line imports it.
OWNED = "from mnist_pipeline import process; process.own(); from mnist_pipeline.framework import keras, tf\n"


def python(program: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"} | variables
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


def test_the_owner_of_a_process_imports_tensorflow_quietly_and_without_what_nothing_uses() -> None:
    result = python(
        OWNED + "import gc, os, sys\n"
        "assert not {'pandas', 'matplotlib', 'sklearn', 'scipy'} & set(sys.modules)\n"
        "assert gc.isenabled()\n"
        "import scipy, sklearn\n"  # now it can be imported
        "print(keras.backend.backend(), os.environ.get('KERAS_BACKEND'))\n"
    )
    assert (result.stdout, result.stderr) == ("tensorflow None\n", "")


def test_another_backend_in_the_environment_is_an_error() -> None:
    result = python(OWNED, KERAS_BACKEND="jax")
    assert result.returncode == 1
    assert "TrainingError: KERAS_BACKEND=jax: expected tensorflow" in result.stderr


def test_a_backend_that_keras_was_imported_with_is_an_error(tmp_path: Path) -> None:
    fake = "import sys, types; keras = types.ModuleType('keras'); sys.modules['keras'] = keras\n"
    package = "keras.__path__ = []\nfor name in ('src', 'src.backend', 'src.backend.common'):\n"
    package += "    sys.modules[f'keras.{name}'] = types.ModuleType(name)\n"
    package += "sys.modules['keras.src.backend.common'].global_state = None\n"
    backend = "keras.backend = types.SimpleNamespace(backend=lambda: 'torch')\n"
    result = python(fake + package + backend + "import mnist_pipeline.framework")
    assert "TrainingError: Keras was imported with the backend torch before" in result.stderr


# As on a machine whose disk for temporary files is gone, in a folder that cannot be written to.
WITHOUT_TEMPORARY_FOLDER = """
import os, sys, tempfile
def none():
    raise FileNotFoundError(2, "No usable temporary directory found in ['/tmp']")
tempfile._get_default_tempdir = none
from mnist_pipeline.cli.main import main
main(sys.argv[1:])
"""


def test_without_a_folder_for_temporary_files_a_run_predicts_all_the_same(trained: Path) -> None:
    result = python(WITHOUT_TEMPORARY_FOLDER, "predict", "--run", str(trained))
    assert (result.returncode, result.stderr) == (0, "")
    assert "test image 0" in result.stdout


def test_without_a_folder_for_temporary_files_tensorflow_cannot_start_which_is_an_error(trained: Path) -> None:
    result = python(WITHOUT_TEMPORARY_FOLDER, "predict", "--run", str(trained), "--runtime", "keras")
    assert result.returncode == 1
    assert result.stderr == (
        "Error: TensorFlow needs a folder for temporary files, and none can be written to. Set TMPDIR to one that can\n"
    )


def test_a_tensorflow_that_cannot_be_imported_is_an_error_of_one_line(tmp_path: Path) -> None:
    (tmp_path / "tensorflow.py").write_text("raise TypeError('descriptors of another protobuf')")
    result = python(OWNED, PYTHONPATH=os.pathsep.join([str(tmp_path), *sys.path]))
    assert "InstallationError: TensorFlow and Keras cannot be imported: TypeError: descriptors of" in result.stderr


@pytest.mark.parametrize(("cpus", "settings"), [(1, [(-8, 1)]), (4, [(-8, 1)]), (5, []), (64, [])])
def test_threads_share_a_heap_only_where_few_of_them_can_wait_for_it(
    monkeypatch: pytest.MonkeyPatch, cpus: int, settings: list[tuple[int, int]]
) -> None:
    calls: list[tuple[int, int]] = []
    library = SimpleNamespace(mallopt=lambda *arguments: calls.append(arguments))
    monkeypatch.setattr(framework.ctypes, "CDLL", lambda _: library)
    monkeypatch.setattr(framework.sys, "platform", "linux")
    monkeypatch.setattr(framework, "usable_cpus", lambda: cpus)
    framework._share_one_heap()
    assert calls == settings


@pytest.mark.parametrize("setting", [True, False])
def test_full_float32_restores_the_setting_when_the_last_thread_leaves(setting: bool) -> None:
    experimental = framework.tf.config.experimental
    before = experimental.tensor_float_32_execution_enabled()
    experimental.enable_tensor_float_32_execution(setting)
    try:
        first, second = framework.full_float32(), framework.full_float32()
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)  # as in threads, the first to come leaves first
        assert not experimental.tensor_float_32_execution_enabled()
        second.__exit__(None, None, None)
        assert experimental.tensor_float_32_execution_enabled() == setting
    finally:
        experimental.enable_tensor_float_32_execution(before)


def test_the_tests_own_their_process() -> None:
    assert process.is_owned()
