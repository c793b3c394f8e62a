"""`mnist delete` removes the runs that are named, and no file of the user."""

import io
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from mnist_pipeline.errors import RunError
from mnist_pipeline.run import delete as module
from mnist_pipeline.run.delete import delete, find_deletable
from mnist_pipeline.run.folder import Run
from mnist_pipeline.run.store import all_runs
from tests.conftest import Mnist
from tests.helpers import recorded

pytestmark = pytest.mark.usefixtures("empty_folder")


def names() -> list[str]:
    return sorted(run.name for run in all_runs())


def problem(*runs: str) -> str:
    """The only reason not to delete them."""
    (line,) = find_deletable(runs)[1]
    return line


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_run_is_deleted_and_no_other(mnist: Mnist) -> None:
    for name in ("a", "b", "c"):
        recorded(name)
    result = mnist("delete", "--yes", "a", "runs/c", "./runs/a/")
    assert (result.status, result.out) == (0, "Deleted a\nDeleted c\n")
    assert [file.name for file in Path("runs").iterdir()] == ["b"]


@pytest.mark.parametrize(("answer", "status", "remaining"), [("y", 0, []), ("n", 1, ["a", "b"]), ("", 1, ["a", "b"])])
def test_a_question_names_the_runs_and_only_yes_deletes(
    mnist: Mnist, monkeypatch: pytest.MonkeyPatch, answer: str, status: int, remaining: list[str]
) -> None:
    recorded("a", status="interrupted")
    (recorded("b").folder / "model.keras").write_bytes(b"m" * 1_500_000)
    monkeypatch.setattr(sys, "stdin", Terminal(f"{answer}\n"))
    result = mnist("delete", "a", "b")
    assert (result.status, names()) == (status, remaining)
    assert "a: interrupted, 0.0 MB\nb: finished, 1.5 MB\nDelete these 2 runs? This cannot be undone [y/N]" in result.err
    assert ("Nothing was deleted" in result.err) == bool(remaining)


def test_without_a_terminal_for_the_question_nothing_is_deleted(mnist: Mnist, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded("a")
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    result = mnist("delete", "a")
    assert (result.status, names()) == (2, ["a"])
    assert "mnist delete --yes RUN" in result.err


def test_a_closed_stdin_is_no_terminal(mnist: Mnist, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded("a")
    monkeypatch.setattr(sys, "stdin", None)
    assert (mnist("delete", "a").status, names()) == (2, ["a"])


def test_every_problem_is_reported_at_once_and_nothing_is_deleted(mnist: Mnist, run: Run) -> None:
    recorded("valid")
    (recorded("spoilt", started="2026-11-22T10:00:00+00:00").folder / "notes.txt").touch()
    Path("folder").mkdir()
    with run.locked():
        result = mnist("delete", "--yes", "valid", "spoilt", "none", "folder", "run")
    assert (result.status, result.out, names()) == (1, "", ["spoilt", "valid"])
    assert result.err.splitlines() == [
        "Error: none: run not found. The newest: spoilt, valid",
        "Error: folder: this folder is not a run: it has no run.json. For the runs there are: mnist runs",
        "Error: spoilt: notes.txt was not written by training. Move it out of the run folder, then delete the run",
        "Error: run: a process is training into this run. Stop it first, with Ctrl-C where it runs",
        "Nothing was deleted.",
    ]
    assert (run.folder / "run.json").exists()


@pytest.mark.parametrize("name", ["notes.txt", ".git/config", "sub/run.json", "model.keras/file"])
def test_a_run_with_files_that_training_did_not_write_stays(name: str) -> None:
    file = recorded("a").folder / name
    file.parent.mkdir(exist_ok=True)
    file.touch()
    assert f"{name.partition('/')[0]} was not written by training. Move it out of the run folder" in problem("a")


def test_of_many_files_that_training_did_not_write_some_are_named() -> None:
    folder = recorded("a").folder
    for number in range(5):
        (folder / f"{number}.txt").touch()
    assert "0.txt, 1.txt, 2.txt and 2 more were not written by training. Move them out" in problem("a")


def test_a_trained_run_is_deleted_with_files_of_the_system_and_of_killed_writers(trained: Path) -> None:
    shutil.copytree(trained, "runs/a")
    Path("runs/a/.DS_Store").touch()
    Path("runs/a/.partial-killed").mkdir()
    (run,), problems = find_deletable(["a"])
    assert problems == []
    delete(run)
    assert list(Path("runs").iterdir()) == []


@pytest.mark.parametrize("parent", ["a", "runs/a", "{folder}/runs/a"])
def test_a_run_whose_weights_another_started_from_stays_as_long_as_the_other(parent: str, tmp_path: Path) -> None:
    recorded("a")
    recorded("b", parent=parent.format(folder=tmp_path))
    assert problem("a") == "a: b started from its weights. Delete that run as well, or keep both"
    assert find_deletable(["a", "b"])[1] == []
    assert find_deletable(["b"])[1] == []


def test_a_run_that_was_reproduced_can_be_deleted() -> None:
    recorded("a")
    recorded("b", parent="a", made_by="reproduce")
    recorded("c", parent="nul\0byte")
    assert find_deletable(["a"])[1] == []


def test_a_damaged_run_can_be_deleted(mnist: Mnist) -> None:
    (recorded("a").folder / "run.json").write_text("{")
    (recorded("b").folder / "run.json").write_text("{")
    assert (mnist("delete", "--yes", "a").status, names()) == (0, ["b"])


def test_a_link_to_a_run_is_not_followed() -> None:
    recorded("a").folder.rename("elsewhere")
    Path("runs/a").symlink_to(Path("elsewhere").absolute())
    assert "a: this is a link to " in problem("a")
    with pytest.raises(RunError, match="this is a link"):
        delete(Run(Path("runs/a")))
    assert Path("elsewhere/run.json").exists()


def test_a_link_on_the_way_to_a_run_leads_to_that_run_and_no_other() -> None:
    recorded("a")
    Path("far/away").mkdir(parents=True)
    shutil.copytree("runs/a", "far/a")
    Path("runs/link").symlink_to(Path("far/away").absolute())
    (run,), _ = find_deletable(["runs/link/../a"])
    delete(run)
    assert Path("runs/a/run.json").exists()
    assert not Path("far/a").exists()


def test_a_link_in_a_run_is_deleted_and_its_target_stays() -> None:
    Path("precious").mkdir()
    Path("precious/work").touch()
    folder = recorded("a").folder
    (folder / "model.keras").symlink_to(Path("precious/work").absolute())
    (folder / ".partial-link").symlink_to(Path("precious").absolute())
    delete(Run(folder))
    assert Path("precious/work").exists()
    assert not folder.exists()


def test_a_run_whose_deletion_is_cut_off_is_no_longer_listed(mnist: Mnist, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    recorded("a")
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", killed)
        assert mnist("delete", "--yes", "a").status == 130
    assert names() == []
    assert "run not found" in mnist("evaluate", "--run", "a").err


def test_a_folder_that_could_not_be_removed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    run = recorded("a")
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", refuse)
        with pytest.raises(
            RunError, match=r"a: cannot delete all of it: Permission denied\. What is left: .*\.deleted-"
        ):
            delete(run)
    run = recorded("b")
    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(RunError, match="b: cannot delete this run: Permission denied"):
        delete(run)
    assert names() == ["b"]


def test_a_run_that_is_resumed_at_the_same_moment_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    run = recorded("a")
    monkeypatch.setattr(module, "is_locked", lambda _: True)
    with pytest.raises(RunError, match="not deleted, as a process has begun to train into it"):
        delete(run)
    assert names() == ["a"]
