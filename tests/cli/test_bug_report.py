"""An unexpected error is reported as a bug, with details in a file and status 70."""

import re
import sys
from pathlib import Path

import pytest

from mnist_pipeline.cli import bug_report
from mnist_pipeline.config import describe
from tests.conftest import Mnist, Result


class UnprintableError(Exception):
    def __str__(self) -> str:
        raise ValueError


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's state folder, which does not exist yet.

    The folder for temporary files is `tmp_path / "temporary"`.
    """
    for variable in ("XDG_STATE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(tmp_path / "state"))
    monkeypatch.setattr(bug_report, "temporary_folder", lambda: tmp_path / "temporary")
    return tmp_path / "state" / "mnist-pipeline"


def check_with_bug(mnist: Mnist, monkeypatch: pytest.MonkeyPatch, error: Exception) -> Result:
    def fail(_: object) -> None:
        raise error

    monkeypatch.setattr(describe, "describe_layers", fail)
    monkeypatch.setattr(sys, "argv", ["mnist", "check", "--config", "smoke"])
    result = mnist("check", "--config", "smoke")
    assert (result.status, result.out) == (70, "")
    return result


def test_a_bug_is_reported_as_one_with_its_details_in_a_file(
    mnist: Mnist, monkeypatch: pytest.MonkeyPatch, state: Path
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    result = check_with_bug(mnist, monkeypatch, ValueError("the shapes\ndiffer"))
    (file,) = state.iterdir()
    assert result.err.splitlines() == [
        "mnist: internal error: ValueError: the shapes",
        f"This is a bug in mnist, not a mistake of yours. Details: {file}",
        "Please report it, with these details, to the maintainers of mnist-pipeline",
    ]
    details = file.read_text("utf-8")
    assert re.search("^command +mnist check --config smoke$", details, re.MULTILINE)
    assert {"platform", "python", "mnist-pipeline", "keras"} <= set(re.findall(r"^(\S+)  +\S", details, re.MULTILINE))
    assert "Traceback (most recent call last):" in details
    assert details.endswith("ValueError: the shapes\ndiffer\n")
    assert "hunter2" not in details


def test_each_bug_has_a_file_of_its_own(mnist: Mnist, monkeypatch: pytest.MonkeyPatch, state: Path) -> None:
    for _ in range(2):
        check_with_bug(mnist, monkeypatch, ValueError())
    assert len(list(state.iterdir())) == 2


def test_where_the_state_folder_cannot_be_written_to_the_temporary_one_is_used(
    mnist: Mnist, monkeypatch: pytest.MonkeyPatch, state: Path, tmp_path: Path
) -> None:
    state.parent.write_text("a file in the way")
    result = check_with_bug(mnist, monkeypatch, ValueError())
    (file,) = (tmp_path / "temporary").iterdir()
    assert f"Details: {file}\n" in result.err


def test_where_no_file_can_be_written_the_details_are_printed(
    mnist: Mnist, monkeypatch: pytest.MonkeyPatch, state: Path
) -> None:
    state.parent.write_text("a file in the way")
    monkeypatch.setattr(bug_report, "temporary_folder", lambda: None)
    result = check_with_bug(mnist, monkeypatch, KeyError("loss"))
    assert "Details: below\n" in result.err
    assert "Traceback (most recent call last):" in result.err
    assert result.err.rstrip().endswith("KeyError: 'loss'")


def test_a_bug_in_the_report_itself_hides_nothing(mnist: Mnist, monkeypatch: pytest.MonkeyPatch, state: Path) -> None:
    def fail() -> dict[str, str]:
        raise OSError("no metadata")

    monkeypatch.setattr(bug_report, "versions", fail)
    result = check_with_bug(mnist, monkeypatch, UnprintableError())
    assert result.err.startswith("mnist: internal error: UnprintableError\n")
    (file,) = state.iterdir()
    details = file.read_text("utf-8")
    assert "unknown: OSError: no metadata" in details
    assert "test_bug_report.py" in details


def test_an_import_that_fails_within_the_package_is_a_bug(
    mnist: Mnist, monkeypatch: pytest.MonkeyPatch, state: Path
) -> None:
    monkeypatch.setitem(sys.modules, "mnist_pipeline.config.describe", None)
    result = mnist("check", "--config", "smoke")
    assert result.status == 70
    assert result.err.startswith("mnist: internal error: ModuleNotFoundError: ")
    assert "mnist_pipeline.config.describe" in next(state.iterdir()).read_text("utf-8")
