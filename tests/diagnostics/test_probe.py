"""Whether what this package needs can be imported, found out by another process."""

import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from mnist_pipeline.diagnostics import probe
from mnist_pipeline.errors import DataError, why_not_imported
from mnist_pipeline.native_stderr import LOG_LEVEL

KILLED = "import os, signal; os.kill(os.getpid(), signal.{})"
PAGE = 'raise ImportError("please\\nread this\\npage") from OSError("libfoo.so.2: no such file")'


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose modules are found before those that are installed."""
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_everything_that_the_package_needs_is_tried() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {Requirement(each).name for each in project["dependencies"]} == probe.MODULES.keys()


def test_tensorflow_is_tried_and_asked_for_gpus() -> None:
    found = probe.attempts(["numpy", "tensorflow", probe.GPU])
    assert [works for works, _ in found.values()] == [True, True, True]
    assert found["tensorflow"][1].startswith("2.")
    assert found[probe.GPU][1].startswith(("used: ", "none used: "))


@pytest.mark.parametrize(("program", "told"), [
    (KILLED.format("SIGILL"), "SIGILL: it needs instructions (AVX) that this processor has not"),
    (KILLED.format("SIGSEGV"), "the process ended with SIGSEGV"),
    ("import os; os._exit(3)", "the process ended with status 3"),
    ("raise ImportError('no such thing')", "ImportError: no such thing"),
    ("raise SystemError", "SystemError"),
    (PAGE, "OSError: libfoo.so.2: no such file"),
])  # fmt: skip
def test_what_cannot_be_imported_is_told_with_its_reason_and_hides_nothing(
    broken: Path, program: str, told: str
) -> None:
    (broken / "filelock.py").write_text(program)
    found = probe.attempts(["click", "filelock", "packaging"])
    assert [works for works, _ in found.values()] == [True, False, True]
    assert told in found["filelock"][1]


def test_what_an_import_prints_is_no_answer(broken: Path) -> None:
    (broken / "filelock.py").write_text("print('[true]'); __version__ = '7'")
    assert probe.attempts(["filelock"]) == {"filelock": (True, "7")}


def test_a_file_in_the_current_folder_that_has_the_name_of_a_package_is_not_taken_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "filelock.py").write_text("raise ImportError('a file of the user')")
    monkeypatch.chdir(tmp_path)
    assert probe.attempts(["filelock"])["filelock"][0]


def test_a_file_that_this_process_would_import_from_the_current_folder_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "filelock.py").write_text("__version__ = '7'")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    assert probe.attempts(["filelock"]) == {"filelock": (True, "7")}


SPEAKS = "import os; os.write(2, b'raw log\\n')"


@pytest.mark.parametrize(("level", "heard"), [("0", "raw log\n"), ("3", ""), (None, "")])
def test_what_an_import_says_is_heard_where_the_user_asked_for_it(
    broken: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], level: str | None, heard: str
) -> None:
    (broken / "filelock.py").write_text(SPEAKS)
    monkeypatch.delenv(LOG_LEVEL, raising=False)
    if level:
        monkeypatch.setenv(LOG_LEVEL, level)
    assert probe.attempts(["filelock"])["filelock"][0]
    assert capfd.readouterr().err == heard


def test_a_backend_that_is_wrong_is_told_of_the_setting_and_not_of_keras(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    found = probe.attempts(["keras", probe.GPU])
    assert found["keras"][0]
    assert "KERAS_BACKEND=jax: expected tensorflow" in found[probe.GPU][1]


def test_a_mistake_of_the_user_is_told_without_its_type() -> None:
    assert why_not_imported(DataError("nothing there")) == "nothing there"
