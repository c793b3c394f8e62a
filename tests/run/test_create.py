"""A new run has a name of its own and a record; no folder with files becomes one."""

import errno
import os
import re
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from mnist_pipeline.config.load import LoadedConfig, load
from mnist_pipeline.errors import RunError
from mnist_pipeline.run import create
from mnist_pipeline.run.folder import Run
from tests.configs import TINY
from tests.helpers import new_run, recorded

pytestmark = pytest.mark.usefixtures("empty_folder")


def test_a_new_run_is_named_by_its_config_and_the_time(loaded: LoadedConfig) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    run = new_run(loaded)
    assert run.folder.parent == Path("runs")
    assert run.name == run.folder.name
    match = re.fullmatch(r"mine-(\d{8}-\d{6})", run.name)
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
    run = new_run(replace(loaded, name=stem)).name
    assert re.fullmatch(re.escape(name) + r"-\d{8}-\d{6}", run)


@given(stem=st.text())
@example(stem="x" * 255)
@example(stem="\N{GRINNING FACE}" * 60)
def test_whatever_a_config_is_called_its_runs_have_a_valid_name(stem: str) -> None:
    name = create.folder_name(stem)
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
    run = new_run(load(os.fsdecode(file)))
    assert run.record["config"] == "\udcff"


def test_runs_that_start_in_one_second_get_names_of_their_own(
    loaded: LoadedConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        create, "datetime", SimpleNamespace(now=lambda zone: datetime(2026, 11, 22, 9, 30, tzinfo=zone))
    )
    names = [new_run(loaded).name for _ in range(3)]
    assert names == ["mine-20261122-093000", "mine-20261122-093000-2", "mine-20261122-093000-3"]


def test_a_run_elsewhere_is_named_by_its_path(loaded: LoadedConfig, tmp_path: Path) -> None:
    assert new_run(loaded, tmp_path / "far" / "away").name == str(tmp_path / "far" / "away")


def test_a_run_is_named_by_the_command_that_made_it_too(loaded: LoadedConfig) -> None:
    run = new_run(loaded, made_by="reproduce")
    assert re.fullmatch(r"mine-reproduce-\d{8}-\d{6}", run.name)
    assert (run.made_by, new_run(loaded).made_by, recorded("old").made_by) == ("reproduce", "train", "train")


def test_a_new_run_records_where_it_comes_from(loaded: LoadedConfig, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_the_config_is_kept_with_its_defaults_and_overrides_written_out(loaded: LoadedConfig, run: Run) -> None:
    config = yaml.safe_load((run.folder / "config.yaml").read_text())
    assert config["seed"] == 7
    assert config["training"]["epochs"] == 3
    assert config["training"]["batch_size"] == 128
    assert config["data"]["validation_split"] == 0.2
    assert Run(run.folder).config().config == loaded.config


@pytest.mark.parametrize("name", ["notes.txt", ".hidden"])
def test_a_folder_that_holds_something_is_never_written_to(loaded: LoadedConfig, tmp_path: Path, name: str) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / name).write_text("work")
    with pytest.raises(RunError, match=r"this folder already holds files\. Name another with --run-dir"):
        new_run(loaded, tmp_path / "taken")
    assert [file.name for file in (tmp_path / "taken").iterdir()] == [name]
    assert (tmp_path / "taken" / name).read_text() == "work"


FINISH = r"To finish it: mnist train --resume a\. For a new run, name another folder with --run-dir"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"status": "finished"}', r"this folder already holds a finished run\. Name another with --run-dir"),
        ('{"status": "interrupted"}', f"this folder already holds an interrupted run. {FINISH}"),
        ('{"status": "training"}', f"this folder already holds an interrupted run. {FINISH}"),
        ('{"status": "failed"}', f"this folder already holds a failed run. {FINISH}"),
        ("{", r"this folder already holds a damaged run\. Name another with --run-dir"),
    ],
)
def test_a_run_in_the_way_is_never_written_to_and_its_status_is_reported(
    loaded: LoadedConfig, content: str, message: str
) -> None:
    file = recorded("a").folder / "run.json"
    file.write_text(content)
    with pytest.raises(RunError, match=message):
        new_run(loaded, Path("runs/a"))
    assert file.read_text() == content
    assert list(file.parent.iterdir()) == [file]


def test_a_run_in_the_way_that_is_training_is_reported_as_such(loaded: LoadedConfig, run: Run) -> None:
    with run.locked(), pytest.raises(RunError, match=r"a process is training into this folder\. Name another"):
        new_run(loaded, run.folder)


def test_an_empty_folder_may_become_a_run(loaded: LoadedConfig, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert new_run(loaded, tmp_path / "empty").record["status"] == "training"


@pytest.mark.parametrize("folder", ["file", "file/below", "x" * 300], ids=["a file", "below a file", "a long name"])
def test_a_folder_that_cannot_be_made_is_reported(loaded: LoadedConfig, tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="cannot make this folder"):
        new_run(loaded, tmp_path / folder)


def test_runs_that_is_not_a_folder_is_reported(loaded: LoadedConfig) -> None:
    Path("runs").touch()
    with pytest.raises(RunError, match="cannot make this folder"):
        new_run(loaded)


def test_a_run_that_cannot_begin_leaves_nothing_and_its_message_has_no_step_that_fails(
    loaded: LoadedConfig, empty_folder: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("mnist_pipeline.files.os.fsync", full)
    with pytest.raises(RunError, match=r"No space left on device$"):
        new_run(loaded, Path("run"))
    assert not Path("run").exists()
