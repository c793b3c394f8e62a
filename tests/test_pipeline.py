"""The way of an experiment, as far as it goes without training."""

from pathlib import Path
from typing import Any

import pytest

from mnist_pipeline import pipeline
from mnist_pipeline.config.load import LoadedConfig
from mnist_pipeline.errors import RunError
from mnist_pipeline.run import create
from mnist_pipeline.run.folder import Run
from mnist_pipeline.run.lock import is_locked
from tests.configs import tiny
from tests.helpers import new_run


@pytest.fixture
def loaded(tmp_path: Path) -> LoadedConfig:
    return tiny(tmp_path)


def looking(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, folder: Path) -> list[bool]:
    """Whether `folder` was claimed, whenever the function of that name was called."""
    seen: list[bool] = []
    function = getattr(owner, name)

    def look(*arguments: Any, **options: Any) -> Any:
        seen.append(is_locked(folder))
        return function(*arguments, **options)

    monkeypatch.setattr(owner, name, look)
    return seen


def test_a_new_run_is_nobody_elses_from_its_first_file_to_the_end(
    loaded: LoadedConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = looking(monkeypatch, Run, "write_config", tmp_path / "run")
    with pipeline.prepare(loaded, tmp_path / "run") as work:
        assert written == [True]
        assert work.run.status == "training"
        with pytest.raises(RunError, match="another process is training into this run"), work.run.locked():
            pytest.fail("it was claimed twice")
    with work.run.locked():
        assert sorted(file.name for file in work.run.folder.iterdir()) == [".lock", "config.yaml", "run.json"]


def test_a_run_that_goes_on_is_nobody_elses_before_it_is_read(
    loaded: LoadedConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pipeline.prepare(loaded, tmp_path / "run"):
        pass
    read = looking(monkeypatch, Run, "config", tmp_path / "run")
    read_too = looking(monkeypatch, pipeline, "load_dataset", tmp_path / "run")
    with pipeline.resume(str(tmp_path / "run")) as work:
        assert (read, read_too) == ([True], [True])
        assert work.run.status == "training"
    assert not is_locked(tmp_path / "run")


def test_of_two_that_begin_in_one_folder_at_once_the_slower_is_refused(
    loaded: LoadedConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(folder: Path) -> Path:
        patch.undo()
        new_run(loaded, folder)
        return folder

    (tmp_path / "run").mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(create, "_make", overtaken)
        with pytest.raises(RunError, match="a process is training into this folder"):
            new_run(loaded, tmp_path / "run")


def test_a_config_that_is_edited_while_its_run_trains_takes_nothing_of_it_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mnist_pipeline.training import train as training

    trained = training.train

    def train(prepared: training.Prepared, run: Run) -> None:
        trained(prepared, run)
        (run.folder / "config.yaml").write_text("loss: [")

    monkeypatch.setattr(training, "train", train)
    with pipeline.prepare(tiny(tmp_path), tmp_path / "run") as work:
        pipeline.execute(work)
    assert (work.run.status, work.run.model.exists(), work.run.metrics is None) == ("finished", True, False)
