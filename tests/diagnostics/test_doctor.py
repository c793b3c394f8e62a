"""Tests of `mnist doctor`."""

import errno
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from mnist_pipeline import environment
from mnist_pipeline.diagnostics import doctor
from mnist_pipeline.diagnostics.probe import GPU, MODULES, Probe
from tests.conftest import Mnist
from tests.helpers import noise, npz_file, without_metadata

WORKS = Probe(True, "7.7")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MNIST_DATA", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(doctor, "probe", lambda names: dict.fromkeys(names, WORKS))


def properties() -> dict[str, str]:
    return doctor.diagnose().properties


def break_imports(monkeypatch: pytest.MonkeyPatch, **errors: str) -> None:
    """Let the import of packages fail, each with an error."""
    probes = dict.fromkeys([*MODULES, GPU], WORKS) | {name: Probe(False, error) for name, error in errors.items()}
    monkeypatch.setattr(doctor, "probe", lambda _: probes)


def test_a_version_that_satisfies_the_requirement_is_shown_alone() -> None:
    assert properties()["tensorflow"] == environment.versions()["tensorflow"]


def test_a_version_that_does_not_is_shown_with_the_requirement(monkeypatch: pytest.MonkeyPatch) -> None:
    old = {**environment.versions(), "tensorflow": "2.15.1"}
    monkeypatch.setattr(doctor.environment, "versions", lambda: old)
    assert properties()["tensorflow"].startswith("2.15.1, but tensorflow>=2.")


def test_data_that_are_not_downloaded_yet_are_no_problem() -> None:
    assert properties()["mnist"] == "not downloaded yet; the first training downloads it"


def test_data_that_are_here_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = npz_file(tmp_path / "mine.npz", noise(40), noise(20))
    monkeypatch.setenv("MNIST_DATA", str(file))
    assert properties()["mnist"] == f"{file}, 60 images"


def test_a_damaged_cache_is_shown_with_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "keras" / "datasets" / "mnist.npz"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"half of a file")
    mnist = properties()["mnist"]
    assert str(file) in mnist
    assert "Delete it; this downloads it again: mnist data mnist" in mnist


def test_a_cache_that_may_not_be_read_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    exists = Path.exists

    def refuse(path: Path) -> bool:
        if path.name == "mnist.npz":
            raise PermissionError(errno.EACCES, "Permission denied")
        return exists(path)

    monkeypatch.setattr(Path, "exists", refuse)
    assert "mnist.npz" in properties()["mnist"]


def test_the_folder_of_runs_is_the_one_that_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNIST_RUNS", str(tmp_path / "mine"))
    assert properties()["runs"].startswith(str(tmp_path / "mine"))


def test_a_disk_that_is_nearly_full_is_pointed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = SimpleNamespace(total=2**40, free=2**27)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: usage)
    assert properties()["runs"].endswith("(writable, 0.1 GiB free, which is little)")


def test_a_folder_that_is_not_writable_is_pointed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.os, "access", lambda *_: False)
    assert "(not writable, " in properties()["cache"]


def test_where_all_works_there_is_no_advice() -> None:
    assert doctor.diagnose().advice == ""


def test_a_package_that_cannot_be_imported_is_shown_with_the_error_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    break_imports(monkeypatch, keras="ImportError: no such thing")
    diagnosis = doctor.diagnose()
    assert (
        diagnosis.properties["keras"]
        == f"{environment.versions()['keras']}, cannot be imported: ImportError: no such thing"
    )
    assert diagnosis.properties[GPU] == "unknown without keras"
    assert diagnosis.properties["mnist"] == "not downloaded yet; the first training downloads it"
    assert diagnosis.advice == "keras: cannot be imported. Install again: pip install --force-reinstall 'keras>=3.15'"


def test_a_package_that_bits_do_not_depend_on_is_shown_only_if_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "filelock" not in properties()
    break_imports(monkeypatch, filelock="ModuleNotFoundError: No module named 'filelock'")
    without_metadata(monkeypatch, "filelock")
    assert properties()["filelock"].startswith("not installed, cannot be imported: ModuleNotFoundError")


def test_without_numpy_the_rest_is_shown_and_numpy_is_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    break_imports(monkeypatch, numpy="another Python", tensorflow="another Python", keras="another Python")
    diagnosis = doctor.diagnose()
    assert diagnosis.properties["mnist"] == "cannot be read without numpy"
    assert diagnosis.properties[GPU] == "unknown without numpy, tensorflow, keras"
    assert "processor" in diagnosis.properties
    assert diagnosis.advice.startswith("numpy: cannot be imported")


def test_a_tensorflow_of_another_name_is_no_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    without_metadata(monkeypatch, "tensorflow")
    monkeypatch.setattr(doctor.environment, "versions", lambda: {"python": "3.11"})
    diagnosis = doctor.diagnose()
    assert diagnosis.properties["tensorflow"].startswith("7.7")
    assert diagnosis.advice == ""


def test_a_tensorflow_for_processors_alone_is_shown_by_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    installed = {"tensorflow-cpu" if name == "tensorflow" else name: v for name, v in environment.versions().items()}
    monkeypatch.setattr(doctor.environment, "versions", lambda: installed)
    diagnosis = doctor.diagnose()
    assert diagnosis.properties["tensorflow-cpu"] == installed["tensorflow-cpu"]
    assert "tensorflow" not in diagnosis.properties
    assert diagnosis.advice == ""


def test_a_tensorflow_for_processors_alone_that_cannot_be_imported_is_shown_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(doctor.environment, "versions", lambda: {"tensorflow-cpu": "2.15.1"})
    assert properties()["tensorflow-cpu"].startswith("2.15.1, but tensorflow>=2.")
    break_imports(monkeypatch, tensorflow="ImportError: libfoo.so.2")
    assert properties()["tensorflow-cpu"] == "2.15.1, cannot be imported: ImportError: libfoo.so.2"
    assert "tensorflow" not in properties()


def test_a_checkout_that_is_not_installed_knows_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    without_metadata(monkeypatch, "mnist-pipeline")
    break_imports(monkeypatch, pyyaml="gone")
    assert "pip install --force-reinstall 'pyyaml>=" in doctor.diagnose().advice


def test_a_gpu_that_cannot_be_looked_for_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    break_imports(monkeypatch, GPU="the variable KERAS_BACKEND says 'jax'")
    assert doctor.diagnose().advice == "TensorFlow cannot be used: the variable KERAS_BACKEND says 'jax'"


WITHOUT = """
import runpy, sys
package, module = sys.argv[1:]
sys.modules[module] = None
from mnist_pipeline.diagnostics import probe
probe.probe = lambda names: {name: probe.Probe(name != package, "7.7") for name in names}
sys.argv = ["mnist", "doctor"]
runpy.run_module("mnist_pipeline", run_name="__main__")
"""


@pytest.mark.parametrize("package", MODULES)
def test_whatever_package_is_missing_the_command_says_how_to_install_it(tmp_path: Path, package: str) -> None:
    folder = tmp_path / "数字"
    folder.mkdir()
    arguments = [sys.executable, "-c", WITHOUT, package, MODULES[package].partition(".")[0]]
    process = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert process.returncode == 1
    error = process.stderr.splitlines()[-1]
    assert error.startswith(f"Error: {package}: cannot be imported")
    assert f"Install again: pip install --force-reinstall '{package}" in error
    assert "Traceback" not in process.stderr


def test_without_a_folder_for_temporary_files_the_advice_is_to_set_one_and_not_to_install_packages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def none() -> None:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    break_imports(monkeypatch, keras="FileNotFoundError", tensorflow="FileNotFoundError")
    diagnosis = doctor.diagnose()
    assert diagnosis.properties["temporary folder"] == "none is writable"
    assert diagnosis.advice == (
        "TensorFlow needs a folder for temporary files, and none can be written to. Set TMPDIR to one that can"
    )


def test_the_folder_for_temporary_files_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert properties()["temporary folder"].startswith(f"{tmp_path} (writable, ")


def test_the_command_shows_everything_before_it_fails(mnist: Mnist, monkeypatch: pytest.MonkeyPatch) -> None:
    assert mnist("doctor").status == 0
    break_imports(monkeypatch, tensorflow="ImportError: libfoo.so.2")
    result = mnist("doctor")
    assert result.status == 1
    assert "cannot be imported: ImportError: libfoo.so.2" in result.out
    assert "runs" in result.out
    assert result.err.startswith("Error: tensorflow: cannot be imported. Install again: ")
