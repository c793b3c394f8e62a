"""Runs are made under names of their own, found again, and listed."""

import errno
import hashlib
import json
import os
import re
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from mnist_pipeline.config.load import LoadedConfig, load
from mnist_pipeline.errors import RunError
from mnist_pipeline.run import store
from mnist_pipeline.run.folder import Run, runs_folder
from mnist_pipeline.run.store import all_runs, find, overview
from tests.configs import TINY
from tests.conftest import Mnist
from tests.helpers import new_run

pytestmark = pytest.mark.usefixtures("empty_folder")


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def recorded(name: str, started: str = "2026-11-22T09:30:00+00:00", status: str = "finished", **facts: Any) -> Run:
    """A run of that name under runs/ that has nothing but a record."""
    folder = Path("runs") / name
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps({"status": status, "started": started, **facts}))
    return Run(folder)


# A new run


def test_a_new_run_is_named_by_its_config_and_the_time(loaded: LoadedConfig) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    made = new_run(loaded)
    assert made.folder.parent == Path("runs")
    assert made.name == made.folder.name
    match = re.fullmatch(r"mine-(\d{8}-\d{6})", made.name)
    assert match
    at = datetime.strptime(match[1], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
    assert before <= at <= datetime.now(UTC)


FORBIDDEN_BY_WINDOWS = set('<>:"/\\|?*') | set(map(chr, range(32)))
DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}


@pytest.mark.parametrize(("stem", "name"), [
    ("net", "net"), ("größe 2", "größe-2"), ("a:b", "a_b"), ("what?", "what_"), ("con", "con"), ("Nul.v2", "_Nul.v2"),
    ("COM1.x", "_COM1.x"), ("a\x1b[31mb", "a_[31mb"), ("two\nlines", "two_lines"), ("-set", "set"),
    (".hidden", "hidden"), (" ..", "run"), ("\udcff", "_"),
])  # fmt: skip
def test_a_run_has_a_name_that_every_system_takes(loaded: LoadedConfig, stem: str, name: str) -> None:
    made = new_run(replace(loaded, name=stem)).name
    assert re.fullmatch(re.escape(name) + r"-\d{8}-\d{6}", made)


@given(stem=st.text())
@example(stem="x" * 255)
@example(stem="\N{GRINNING FACE}" * 60)
def test_whatever_a_config_is_called_its_runs_have_a_sound_name(stem: str) -> None:
    name = store.folder_name(stem)
    assert name.isprintable()
    assert FORBIDDEN_BY_WINDOWS.isdisjoint(name)
    assert name[0] not in "-. "
    assert f"{name}-".partition(".")[0].lower() not in DEVICES
    assert len(f"{name}-20261122-093000-999".encode()) <= 255


def test_a_config_whose_name_is_no_text_leaves_a_run(tmp_path: Path) -> None:
    """As names of files may be on Linux."""
    file = os.fsencode(tmp_path) + b"/\xff.yaml"
    with open(file, "w") as opened:  # noqa: PTH123, it has no name as text
        yaml.safe_dump(TINY, opened)
    made = new_run(load(os.fsdecode(file)))
    assert made.record["config"] == "\udcff"


def test_runs_that_start_in_one_second_get_names_of_their_own(
    loaded: LoadedConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "datetime", SimpleNamespace(now=lambda zone: datetime(2026, 11, 22, 9, 30, tzinfo=zone)))
    names = [new_run(loaded).name for _ in range(3)]
    assert names == ["mine-20261122-093000", "mine-20261122-093000-2", "mine-20261122-093000-3"]


def test_a_run_elsewhere_is_named_by_its_path(loaded: LoadedConfig, tmp_path: Path) -> None:
    assert new_run(loaded, tmp_path / "far" / "away").name == str(tmp_path / "far" / "away")


def test_a_new_run_knows_how_it_came_to_be(loaded: LoadedConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/bin/mnist", "train", "--config", "mine.yaml"])
    record = new_run(loaded, Path("run"), data={"name": "mnist", "sha256": "abc"}).record
    assert record["status"] == "training"
    assert record["config"] == "mine"
    assert record["seed"] == 7
    assert record["command"] == ["mnist", "train", "--config", "mine.yaml"]
    assert record["data"] == {"name": "mnist", "sha256": "abc"}
    assert {"python", "tensorflow", "keras", "numpy", "mnist-pipeline"} <= record["versions"].keys()
    assert record["hardware"]["cpus"] >= 1
    assert datetime.now(UTC) - datetime.fromisoformat(record["started"]) < timedelta(minutes=1)
    assert "git_commit" in record


def test_the_whole_config_is_kept_defaults_and_overrides_written_out(loaded: LoadedConfig, run: Run) -> None:
    written = yaml.safe_load((run.folder / "config.yaml").read_text())
    assert written["seed"] == 7
    assert written["training"]["epochs"] == 3
    assert written["training"]["batch_size"] == 128
    assert written["data"]["validation_split"] == 0.2
    assert run.config().config == loaded.config


@pytest.mark.parametrize("name", ["notes.txt", ".hidden"])
def test_a_folder_that_holds_something_is_never_written_to(loaded: LoadedConfig, tmp_path: Path, name: str) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / name).write_text("work")
    with pytest.raises(RunError, match=r"there is something in this folder already\. Name another with --run-dir"):
        new_run(loaded, tmp_path / "taken")
    assert [file.name for file in (tmp_path / "taken").iterdir()] == [name]
    assert (tmp_path / "taken" / name).read_text() == "work"


FINISH = r"To finish it: mnist train --resume a\. For a new run, name another folder with --run-dir"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"status": "finished"}', r"there is a finished run in this folder already\. Name another with --run-dir"),
        ('{"status": "interrupted"}', f"there is an interrupted run in this folder already. {FINISH}"),
        ('{"status": "training"}', f"there is an interrupted run in this folder already. {FINISH}"),
        ('{"status": "failed"}', f"there is a failed run in this folder already. {FINISH}"),
        ("{", r"there is a damaged run in this folder already\. Name another with --run-dir"),
    ],
)
def test_a_run_in_the_way_is_never_written_to_and_its_state_is_said(
    loaded: LoadedConfig, content: str, told: str
) -> None:
    file = recorded("a").folder / "run.json"
    file.write_text(content)
    with pytest.raises(RunError, match=told):
        new_run(loaded, Path("runs/a"))
    assert file.read_text() == content
    assert list(file.parent.iterdir()) == [file]


def test_a_run_in_the_way_that_is_training_is_said_to_be(loaded: LoadedConfig, run: Run) -> None:
    with run.locked(), pytest.raises(RunError, match=r"a process is training into this folder\. Name another"):
        new_run(loaded, run.folder)


def test_an_empty_folder_may_become_a_run(loaded: LoadedConfig, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert new_run(loaded, tmp_path / "empty").record["status"] == "training"


@pytest.mark.parametrize("folder", ["file", "file/below", "x" * 300], ids=["a file", "below a file", "a long name"])
def test_a_folder_that_cannot_be_made_is_said(loaded: LoadedConfig, tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="cannot make this folder"):
        new_run(loaded, tmp_path / folder)


def test_it_is_said_where_runs_is_no_folder(loaded: LoadedConfig) -> None:
    Path("runs").touch()
    with pytest.raises(RunError, match="cannot make this folder"):
        new_run(loaded)


# Another folder than runs/


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that MNIST_RUNS names; not there yet."""
    monkeypatch.setenv("MNIST_RUNS", str(tmp_path / "elsewhere"))
    return tmp_path / "elsewhere"


def test_runs_lie_where_the_environment_says(loaded: LoadedConfig, elsewhere: Path) -> None:
    recorded("here")
    made = new_run(loaded)
    assert made.folder.parent == elsewhere
    assert made.name == made.folder.name
    assert [each.name for each in all_runs()] == [made.name]
    assert find(made.name) == made
    assert find("runs/here").name == str(Path("runs/here"))
    with pytest.raises(RunError, match=f"here: there is no such run. The newest: {made.name}"):
        find("here")


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("command", [["evaluate"], ["runs"], ["predict", "--run", "none", "picture.png"]])
def test_it_is_said_where_no_runs_are(mnist: Mnist, command: list[str]) -> None:
    assert re.search(r"There (is|are) no (finished )?runs? under .*elsewhere", mnist(*command).err, re.IGNORECASE)


def test_a_tilde_in_the_environment_is_the_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNIST_RUNS", "~/models")
    assert runs_folder() == Path.home() / "models"


# Finding


def test_a_run_is_found_by_name_and_by_path(tmp_path: Path) -> None:
    made = recorded("a")
    for name in ("a", "runs/a", "./runs/a", "runs/a/"):
        assert find(name) == made
        assert find(name).name == "a"
    assert find(str(tmp_path / "runs" / "a")).record == made.record


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


def test_a_run_is_named_by_the_command_that_made_it_too(loaded: LoadedConfig) -> None:
    made = new_run(loaded, made_by="reproduce")
    assert re.fullmatch(r"mine-reproduce-\d{8}-\d{6}", made.name)
    assert (made.made_by, new_run(loaded).made_by, recorded("old").made_by) == ("reproduce", "train", "train")


def test_the_config_of_a_run_has_the_name_that_it_had(loaded: LoadedConfig, run: Run) -> None:
    assert run.config().name == loaded.name == "mine"


@pytest.mark.parametrize("status", [None, "interrupted"], ids=["no run", "none finished"])
def test_it_is_said_how_to_get_a_finished_run(status: str | None) -> None:
    if status:
        recorded("a", status=status)
    with pytest.raises(RunError, match=r"there is no finished run under runs/\. Train one: mnist train"):
        find(None)


def test_a_run_that_only_needs_to_be_finished_is_named() -> None:
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


def test_an_unknown_name_is_answered_with_the_newest_runs() -> None:
    for hour in range(7):
        recorded(f"run-{hour}", f"2026-11-22T{hour:02}:00:00+00:00")
    with pytest.raises(RunError, match=r"nome: there is no such run\. The newest: run-6, run-5, run-4, run-3, run-2$"):
        find("nome")


@pytest.mark.parametrize("name", ["none", "x" * 300, "nul\0byte"], ids=["unknown", "too long", "a zero byte"])
def test_a_name_that_stands_for_nothing_is_said(name: str) -> None:
    with pytest.raises(RunError, match=r"there is no such run\. There are no runs under runs/ yet"):
        find(name)


def test_a_folder_that_is_no_run_is_said(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"this folder is not a run: it has no run\.json"):
        find(str(tmp_path))


# One line about it


def test_the_overview_of_a_judged_run_has_its_figures() -> None:
    made = recorded("a", epochs=3, training_seconds=1.5, weights=7850)
    made.write_metrics({"accuracy": 0.97125, "loss": 1 / 3})
    made.update(sha256={"metrics.json": sha256(made.folder / "metrics.json")})
    assert overview(made) == {
        "run": "a", "status": "finished", "epochs": 3, "seconds": 1.5, "weights": 7850, "accuracy": "0.9712",
        "loss": "0.3333",
    }  # fmt: skip


def test_the_overview_of_a_run_that_has_just_begun_is_mostly_empty(run: Run) -> None:
    nothing = dict.fromkeys(["epochs", "seconds", "weights", "accuracy", "loss"])
    with run.locked():
        assert overview(run) == {"run": "run", "status": "training"} | nothing


def test_a_run_whose_process_died_is_listed_as_interrupted(run: Run) -> None:
    assert run.record["status"] == "training"
    assert overview(run)["status"] == "interrupted"


def test_a_damaged_run_is_listed_as_damaged(mnist: Mnist) -> None:
    recorded("whole")
    (recorded("broken").folder / "run.json").write_text("{")
    result = mnist("runs")
    assert result.status == 0
    assert re.search(r"broken +damaged", result.out)
    assert re.search(r"whole +finished", result.out)


def test_a_run_that_may_not_be_read_is_listed_as_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    made = recorded("a")
    monkeypatch.setattr(Path, "open", refuse)
    assert overview(made)["status"] == "unreadable"


def test_a_killed_run_is_listed_with_the_epochs_that_it_wrote(run: Run) -> None:
    run.write_history([{"epoch": 1}, {"epoch": 2}])
    assert overview(run)["epochs"] == 2


def test_a_folder_that_may_not_be_looked_into_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> bool:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "is_file", refuse)
    with pytest.raises(RunError, match="theirs: cannot look into this folder: Permission denied"):
        find("theirs")


@pytest.mark.parametrize("command", ["runs", "evaluate"])
def test_a_place_for_runs_that_is_a_file_is_said(mnist: Mnist, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    Path("file").touch()
    monkeypatch.setenv("MNIST_RUNS", "file")
    result = mnist(command)
    assert (result.status, result.err) == (1, "Error: file: cannot look into this folder: Not a directory\n")


def test_where_a_run_cannot_even_begin_nothing_is_left_and_nothing_advised_that_fails(
    loaded: LoadedConfig, empty_folder: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("mnist_pipeline.files.os.fsync", full)
    with pytest.raises(RunError, match=r"No space left on device$"):
        new_run(loaded, Path("run"))
    assert not Path("run").exists()


def test_a_run_with_damaged_figures_is_listed_without_them() -> None:
    made = recorded("a", epochs=3)
    (made.folder / "metrics.json").write_text("{")
    assert (overview(made)["run"], overview(made)["accuracy"]) == ("a", None)
