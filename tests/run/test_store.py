"""How the name of a run is resolved, and which runs there are."""

import errno
import re
from pathlib import Path

import pytest

from mnist_pipeline.config.load import LoadedConfig
from mnist_pipeline.errors import RunError
from mnist_pipeline.run.folder import runs_folder
from mnist_pipeline.run.store import all_runs, find
from tests.conftest import Mnist
from tests.helpers import new_run, recorded

pytestmark = pytest.mark.usefixtures("empty_folder")


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that MNIST_RUNS names; not there yet."""
    monkeypatch.setenv("MNIST_RUNS", str(tmp_path / "elsewhere"))
    return tmp_path / "elsewhere"


def test_runs_are_in_the_folder_that_the_environment_names(loaded: LoadedConfig, elsewhere: Path) -> None:
    recorded("here")
    run = new_run(loaded)
    assert run.folder.parent == elsewhere
    assert run.name == run.folder.name
    assert [each.name for each in all_runs()] == [run.name]
    assert find(run.name) == run
    assert find("runs/here").name == str(Path("runs/here"))
    with pytest.raises(RunError, match=f"here: run not found. The newest: {run.name}"):
        find("here")


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("command", [["evaluate"], ["runs"], ["predict", "--run", "none", "image.png"]])
def test_a_folder_without_runs_is_named(mnist: Mnist, command: list[str]) -> None:
    assert re.search(r"There (is|are) no (finished )?runs? under .*elsewhere", mnist(*command).err, re.IGNORECASE)


def test_a_tilde_in_the_environment_is_the_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNIST_RUNS", "~/models")
    assert runs_folder() == Path.home() / "models"


def test_a_run_is_found_by_name_and_by_path(tmp_path: Path) -> None:
    run = recorded("a")
    for name in ("a", "runs/a", "./runs/a", "runs/a/"):
        assert find(name) == run
        assert find(name).name == "a"
    assert find(str(tmp_path / "runs" / "a")).record == run.record


def test_a_path_goes_before_a_name(loaded: LoadedConfig) -> None:
    recorded("a")
    new_run(loaded, Path("a"))
    assert find("a").folder == Path("a")


def test_without_a_name_the_newest_finished_run_is_found() -> None:
    recorded("z-old", "2026-11-22T09:30:00+00:00")
    recorded("a-new", "2026-11-22T09:30:00.000001+00:00")
    recorded("interrupted", "2026-11-22T10:00:00+00:00", "interrupted")
    recorded("failed", "2026-11-22T11:00:00+00:00", "failed")
    recorded("training", "2026-11-22T12:00:00+00:00", "training")
    assert find(None).name == "a-new"


def test_a_run_that_train_did_not_make_is_not_the_default() -> None:
    recorded("trained", "2026-11-22T09:30:00+00:00", made_by="train")
    recorded("again", "2026-11-22T10:30:00+00:00", made_by="reproduce")
    assert find(None).name == "trained"


@pytest.mark.parametrize("status", [None, "interrupted"], ids=["no run", "none finished"])
def test_without_a_finished_run_the_command_that_trains_one_is_named(status: str | None) -> None:
    if status:
        recorded("a", status=status)
    with pytest.raises(RunError, match=r"there is no finished run under runs/\. Train one: mnist train"):
        find(None)


def test_an_interrupted_run_that_could_be_finished_is_named() -> None:
    recorded("a", status="failed")
    recorded("b", status="interrupted")
    with pytest.raises(RunError, match="Or finish b, which was interrupted: mnist train --resume b"):
        find(None)


def test_runs_are_listed_newest_first_and_damaged_ones_last() -> None:
    for hour, name in enumerate("bca"):
        recorded(name, f"2026-11-22T{hour:02}:00:00+00:00")
    (recorded("damaged").folder / "run.json").write_text("{")
    Path("runs/empty").mkdir()
    assert [each.name for each in all_runs()] == ["a", "c", "b", "damaged"]
    assert find(None).name == "a"


def test_for_an_unknown_name_the_newest_runs_are_named() -> None:
    for hour in range(7):
        recorded(f"run-{hour}", f"2026-11-22T{hour:02}:00:00+00:00")
    with pytest.raises(RunError, match=r"nome: run not found\. The newest: run-6, run-5, run-4, run-3, run-2$"):
        find("nome")


@pytest.mark.parametrize("name", ["none", "x" * 300, "nul\0byte"], ids=["unknown", "too long", "a zero byte"])
def test_a_name_of_no_run_is_reported(name: str) -> None:
    with pytest.raises(RunError, match=r"run not found\. There are no runs under runs/ yet"):
        find(name)


def test_a_folder_that_is_not_a_run_is_reported(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"this folder is not a run: it has no run\.json"):
        find(str(tmp_path))


def test_a_folder_without_read_permission_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> bool:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "is_file", refuse)
    with pytest.raises(RunError, match="theirs: cannot look into this folder: Permission denied"):
        find("theirs")


@pytest.mark.parametrize("command", ["runs", "evaluate"])
def test_runs_that_is_a_file_is_reported(mnist: Mnist, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    Path("file").touch()
    monkeypatch.setenv("MNIST_RUNS", "file")
    result = mnist(command)
    assert (result.status, result.err) == (1, "Error: file: cannot look into this folder: Not a directory\n")
