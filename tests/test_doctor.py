"""What `mnist doctor` finds."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from mnist_pipeline import environment
from mnist_pipeline.training import doctor
from tests.helpers import noise, npz_file


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MNIST_DATA", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))


def test_versions_that_fit_are_told_alone() -> None:
    assert doctor.diagnosis()["tensorflow"] == environment.versions()["tensorflow"]


def test_a_version_that_does_not_fit_is_told_with_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    old = {**environment.versions(), "tensorflow": "2.15.1"}
    monkeypatch.setattr(doctor.environment, "versions", lambda: old)
    assert doctor.diagnosis()["tensorflow"].startswith("2.15.1, and this package needs >=2.")


def test_data_that_are_not_here_are_no_fault() -> None:
    assert doctor.diagnosis()["mnist"] == "not here yet; the first training downloads it"


def test_data_that_are_here_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = npz_file(tmp_path / "mine.npz", noise(40), noise(20))
    monkeypatch.setenv("MNIST_DATA", str(file))
    assert doctor.diagnosis()["mnist"] == f"{file}, 60 images"


def test_a_damaged_cache_is_told_with_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "keras" / "datasets" / "mnist.npz"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"half of a file")
    told = doctor.diagnosis()["mnist"]
    assert str(file) in told
    assert "Delete this file, and it is downloaded anew" in told


def test_the_folder_of_runs_is_the_one_that_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNIST_RUNS", str(tmp_path / "mine"))
    assert doctor.diagnosis()["runs"].startswith(str(tmp_path / "mine"))


def test_a_disk_that_is_nearly_full_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = SimpleNamespace(total=2**40, free=2**27)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: usage)
    assert doctor.diagnosis()["runs"].endswith("(writable, 0.1 GiB free, which is little)")


def test_a_folder_that_cannot_be_written_to_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.os, "access", lambda *_: False)
    assert "(not writable, " in doctor.diagnosis()["cache"]
