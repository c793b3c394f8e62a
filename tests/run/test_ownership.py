"""The list of runs that this user created, and what it allows the config of a run."""

import os
from pathlib import Path

import numpy as np
import pytest

from mnist_pipeline.config.load import LoadedConfig
from mnist_pipeline.data.run_data import access_of
from mnist_pipeline.data.sources import Access
from mnist_pipeline.run import ownership
from mnist_pipeline.run.folder import Run
from tests.helpers import config as new_config
from tests.helpers import new_run, noise, npz_file, untrained

FIRST, SECOND = "1" * 64, "2" * 64


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder where a user's programs keep what they note; not there yet."""
    folder = tmp_path / "state"
    for variable in ("XDG_STATE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(folder))
    return folder


def test_a_run_in_the_list_is_mine_and_no_other_is(state: Path) -> None:
    assert not ownership.is_own(FIRST)
    ownership.add(FIRST)
    ownership.add(SECOND)
    ownership.add(FIRST)
    assert ownership.is_own(FIRST)
    assert ownership.is_own(SECOND)
    assert not ownership.is_own(FIRST[:40])
    assert not ownership.is_own("")
    assert (state / "mnist-pipeline" / "created-runs").read_text().split() == [FIRST, SECOND]


def test_a_line_that_was_cut_off_affects_no_other(state: Path) -> None:
    file = state / "mnist-pipeline" / "created-runs"
    file.parent.mkdir(parents=True)
    file.write_text(FIRST[:30])
    ownership.add(SECOND)
    assert ownership.is_own(SECOND)


@pytest.mark.skipif(os.name == "nt", reason="Windows has another folder")
@pytest.mark.parametrize("folder", ["", "relative"])
def test_without_a_state_folder_the_list_lies_below_the_home_folder(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", folder)
    monkeypatch.setenv("HOME", str(tmp_path))
    ownership.add(FIRST)
    assert (tmp_path / ".local" / "state" / "mnist-pipeline" / "created-runs").is_file()


def no_home() -> Path:
    raise RuntimeError("Could not determine home directory.")


@pytest.mark.parametrize("kind", ["a file in the way", "no home"])
def test_where_the_list_cannot_be_written_a_run_begins_all_the_same(
    kind: str, state: Path, monkeypatch: pytest.MonkeyPatch, loaded: LoadedConfig
) -> None:
    if kind == "no home":
        monkeypatch.setenv("XDG_STATE_HOME", "")
        monkeypatch.setenv("LOCALAPPDATA", "")
        monkeypatch.setattr(Path, "home", no_home)
    else:
        state.write_text("a file in the way")
    run = new_run(loaded, state.parent / "run")
    assert run.record["status"] == "training"
    assert access_of(run) == Access(paths=False, download=False)


@pytest.mark.usefixtures("state")
def test_a_run_of_mine_may_name_files_wherever_i_move_it_until_its_config_is_changed(
    loaded: LoadedConfig, tmp_path: Path
) -> None:
    run = new_run(loaded, tmp_path / "run")
    elsewhere = Run(run.folder.rename(tmp_path / "moved"))
    assert access_of(elsewhere) == Access(paths=True, download=False)
    with (elsewhere.folder / "config.yaml").open("a") as config:
        config.write("# changed\n")
    assert access_of(elsewhere) == Access(paths=False, download=False)
    elsewhere.update(config_sha256=elsewhere.config_sha256)  # what the record claims is nothing to go by
    assert access_of(elsewhere) == Access(paths=False, download=False)


def test_data_that_the_user_names_may_be_looked_for_and_downloaded(run: Run) -> None:
    assert access_of(run, "mnist") == Access(paths=True, download=True)


def test_a_run_of_mine_is_evaluated_on_the_file_that_its_config_names(tmp_path: Path) -> None:
    from mnist_pipeline.metrics.evaluate import evaluate

    data = noise(20)
    file = npz_file(tmp_path / "mine.npz", data, data)
    run = untrained(tmp_path / "run", new_config({"data": {"dataset": str(file)}}))
    assert evaluate(run)["samples"] == len(data)
    assert np.isfinite(evaluate(run)["loss"])
