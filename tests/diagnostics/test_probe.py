"""Tests of the process that imports the dependencies."""

import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from mnist_pipeline.diagnostics import probe
from mnist_pipeline.errors import DataError, import_error_reason
from mnist_pipeline.native_stderr import LOG_LEVEL

KILLED = "import os, signal; os.kill(os.getpid(), signal.{})"
PAGE = 'raise ImportError("please\\nread this\\npage") from OSError("libfoo.so.2: no such file")'


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose modules are probes before those that are installed."""
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_every_dependency_is_probed() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {Requirement(each).name for each in project["dependencies"]} == probe.MODULES.keys()


def test_tensorflow_is_imported_and_asked_for_gpus() -> None:
    probes = probe.probe(["numpy", "tensorflow", probe.GPU])
    assert [works for works, _ in probes.values()] == [True, True, True]
    assert probes["tensorflow"][1].startswith("2.")
    assert probes[probe.GPU][1].startswith(("used: ", "none used: "))


@pytest.mark.parametrize(("program", "error"), [
    (KILLED.format("SIGILL"), "SIGILL: it needs instructions (AVX) that this processor does not have"),
    (KILLED.format("SIGSEGV"), "the process ended with SIGSEGV"),
    ("import os; os._exit(3)", "the process ended with status 3"),
    ("raise ImportError('no such thing')", "ImportError: no such thing"),
    ("raise SystemError", "SystemError"),
    (PAGE, "OSError: libfoo.so.2: no such file"),
])  # fmt: skip
def test_a_failed_import_is_reported_with_its_reason_and_the_rest_is_probed(
    broken: Path, program: str, error: str
) -> None:
    (broken / "filelock.py").write_text(program)
    probes = probe.probe(["click", "filelock", "packaging"])
    assert [works for works, _ in probes.values()] == [True, False, True]
    assert error in probes["filelock"][1]


def test_what_an_import_prints_is_not_taken_for_a_result(broken: Path) -> None:
    (broken / "filelock.py").write_text("print('[true]'); __version__ = '7'")
    assert probe.probe(["filelock"]) == {"filelock": (True, "7")}


def test_a_file_in_the_current_folder_that_has_the_name_of_a_package_is_not_taken_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "filelock.py").write_text("raise ImportError('a file of the user')")
    monkeypatch.chdir(tmp_path)
    assert probe.probe(["filelock"])["filelock"][0]


def test_a_file_that_this_process_would_import_from_the_current_folder_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "filelock.py").write_text("__version__ = '7'")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    assert probe.probe(["filelock"]) == {"filelock": (True, "7")}


LOGS = "import os; os.write(2, b'raw log\\n')"


@pytest.mark.parametrize(("level", "stderr"), [("0", "raw log\n"), ("3", ""), (None, "")])
def test_native_logs_of_an_import_are_shown_where_the_user_wants_them(
    broken: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], level: str | None, stderr: str
) -> None:
    (broken / "filelock.py").write_text(LOGS)
    monkeypatch.delenv(LOG_LEVEL, raising=False)
    if level:
        monkeypatch.setenv(LOG_LEVEL, level)
    assert probe.probe(["filelock"])["filelock"][0]
    assert capfd.readouterr().err == stderr


def test_another_backend_is_an_error_of_the_setting_and_not_of_keras(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    probes = probe.probe(["keras", probe.GPU])
    assert probes["keras"][0]
    assert "KERAS_BACKEND=jax: expected tensorflow" in probes[probe.GPU][1]


def test_an_error_that_the_user_can_fix_is_shown_without_its_type() -> None:
    assert import_error_reason(DataError("nothing there")) == "nothing there"
