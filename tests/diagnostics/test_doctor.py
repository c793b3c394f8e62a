"""What `mnist doctor` finds."""

import errno
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from mnist_pipeline import environment
from mnist_pipeline.diagnostics import doctor
from mnist_pipeline.diagnostics.probe import GPU, MODULES
from tests.conftest import Mnist
from tests.helpers import noise, npz_file, without_metadata


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MNIST_DATA", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(doctor, "attempts", lambda names: dict.fromkeys(names, (True, "7.7")))


def told() -> dict[str, str]:
    return doctor.diagnose().facts


def breaks(monkeypatch: pytest.MonkeyPatch, **errors: str) -> None:
    """Let the import of packages fail."""
    tried = dict.fromkeys([*MODULES, GPU], (True, "7.7")) | {name: (False, error) for name, error in errors.items()}
    monkeypatch.setattr(doctor, "attempts", lambda _: tried)


def test_versions_that_fit_are_told_alone() -> None:
    assert told()["tensorflow"] == environment.versions()["tensorflow"]


def test_a_version_that_does_not_fit_is_told_with_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    old = {**environment.versions(), "tensorflow": "2.15.1"}
    monkeypatch.setattr(doctor.environment, "versions", lambda: old)
    assert told()["tensorflow"].startswith("2.15.1, but tensorflow>=2.")


def test_data_that_are_not_here_are_no_fault() -> None:
    assert told()["mnist"] == "not here yet; the first training downloads it"


def test_data_that_are_here_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = npz_file(tmp_path / "mine.npz", noise(40), noise(20))
    monkeypatch.setenv("MNIST_DATA", str(file))
    assert told()["mnist"] == f"{file}, 60 images"


def test_a_damaged_cache_is_told_with_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "keras" / "datasets" / "mnist.npz"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"half of a file")
    said = told()["mnist"]
    assert str(file) in said
    assert "Delete it; this downloads it again: mnist data mnist" in said


def test_a_cache_that_may_not_be_looked_into_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    exists = Path.exists

    def refuse(path: Path) -> bool:
        if path.name == "mnist.npz":
            raise PermissionError(errno.EACCES, "Permission denied")
        return exists(path)

    monkeypatch.setattr(Path, "exists", refuse)
    assert "mnist.npz" in told()["mnist"]


def test_the_folder_of_runs_is_the_one_that_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNIST_RUNS", str(tmp_path / "mine"))
    assert told()["runs"].startswith(str(tmp_path / "mine"))


def test_a_disk_that_is_nearly_full_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = SimpleNamespace(total=2**40, free=2**27)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: usage)
    assert told()["runs"].endswith("(writable, 0.1 GiB free, which is little)")


def test_a_folder_that_cannot_be_written_to_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.os, "access", lambda *_: False)
    assert "(not writable, " in told()["cache"]


def test_where_all_works_there_is_no_advice() -> None:
    assert doctor.diagnose().advice == ""


def test_a_package_that_fails_is_told_with_its_reason_and_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    breaks(monkeypatch, keras="ImportError: no such thing")
    found = doctor.diagnose()
    assert found.facts["keras"] == f"{environment.versions()['keras']}, cannot be imported: ImportError: no such thing"
    assert found.facts[GPU] == "nothing is known of it without keras"
    assert found.facts["mnist"] == "not here yet; the first training downloads it"
    assert found.advice == "keras: cannot be imported. Install again: pip install --force-reinstall 'keras>=3.15'"


def test_a_package_that_is_told_only_where_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "filelock" not in told()
    breaks(monkeypatch, filelock="ModuleNotFoundError: No module named 'filelock'")
    without_metadata(monkeypatch, "filelock")
    assert told()["filelock"].startswith("not installed, cannot be imported: ModuleNotFoundError")


def test_without_numpy_the_rest_is_told_and_numpy_is_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    breaks(monkeypatch, numpy="another Python", tensorflow="another Python", keras="another Python")
    found = doctor.diagnose()
    assert found.facts["mnist"] == "cannot be read without numpy"
    assert found.facts[GPU] == "nothing is known of it without numpy, tensorflow, keras"
    assert "processor" in found.facts
    assert found.advice.startswith("numpy: cannot be imported")


def test_a_tensorflow_of_another_name_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    without_metadata(monkeypatch, "tensorflow")
    monkeypatch.setattr(doctor.environment, "versions", lambda: {"python": "3.11"})
    found = doctor.diagnose()
    assert found.facts["tensorflow"].startswith("7.7")
    assert found.advice == ""


def test_a_checkout_that_is_not_installed_knows_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    without_metadata(monkeypatch, "mnist-pipeline")
    breaks(monkeypatch, pyyaml="gone")
    assert "pip install --force-reinstall 'pyyaml>=" in doctor.diagnose().advice


def test_a_gpu_that_cannot_be_asked_for_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    breaks(monkeypatch, GPU="the variable KERAS_BACKEND says 'jax'")
    assert doctor.diagnose().advice == "TensorFlow cannot be used: the variable KERAS_BACKEND says 'jax'"


WITHOUT = """
import runpy, sys
package, module = sys.argv[1:]
sys.modules[module] = None
from mnist_pipeline.diagnostics import probe
probe.attempts = lambda names: {name: (name != package, "7.7") for name in names}
sys.argv = ["mnist", "doctor"]
runpy.run_module("mnist_pipeline", run_name="__main__")
"""


@pytest.mark.parametrize("package", MODULES)
def test_whatever_package_is_missing_the_command_says_how_to_install_it(tmp_path: Path, package: str) -> None:
    folder = tmp_path / "数字"
    folder.mkdir()
    arguments = [sys.executable, "-c", WITHOUT, package, MODULES[package].partition(".")[0]]
    done = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 1
    told = done.stderr.splitlines()[-1]
    assert told.startswith(f"Error: {package}: cannot be imported")
    assert f"Install again: pip install --force-reinstall '{package}" in told
    assert "Traceback" not in done.stderr


def test_without_a_folder_for_temporary_files_that_is_told_and_not_to_install_what_fails_for_lack_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def none() -> None:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    breaks(monkeypatch, keras="FileNotFoundError", tensorflow="FileNotFoundError")
    found = doctor.diagnose()
    assert found.facts["temporary folder"] == "none that can be written to"
    assert found.advice == (
        "TensorFlow needs a folder for temporary files, and none can be written to. Set TMPDIR to one that can"
    )


def test_the_folder_for_temporary_files_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert told()["temporary folder"].startswith(f"{tmp_path} (writable, ")


def test_the_command_shows_everything_before_it_fails(mnist: Mnist, monkeypatch: pytest.MonkeyPatch) -> None:
    assert mnist("doctor").status == 0
    breaks(monkeypatch, tensorflow="ImportError: libfoo.so.2")
    result = mnist("doctor")
    assert result.status == 1
    assert "cannot be imported: ImportError: libfoo.so.2" in result.out
    assert "runs" in result.out
    assert result.err.startswith("Error: tensorflow: cannot be imported. Install again: ")
