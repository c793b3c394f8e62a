"""The run of an experiment is locked from its first file to the end."""

from pathlib import Path
from typing import Any

import pytest

from mnist_pipeline import pipeline
from mnist_pipeline.config.load import LoadedConfig
from mnist_pipeline.data.dataset import load_dataset
from mnist_pipeline.errors import RunError
from mnist_pipeline.metrics.run_metrics import final_metrics
from mnist_pipeline.run import create
from mnist_pipeline.run.folder import Run
from mnist_pipeline.run.lock import is_locked
from tests.configs import tiny
from tests.helpers import config, new_run, noise, npz_file, untrained


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


def test_a_new_run_is_locked_from_its_first_file_to_the_end(
    loaded: LoadedConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked_at_writing = looking(monkeypatch, Run, "write_config", tmp_path / "run")
    with pipeline.prepare(loaded, tmp_path / "run") as experiment:
        assert locked_at_writing == [True]
        assert experiment.run.status == "training"
        with pytest.raises(RunError, match="another process is training into this run"), experiment.run.locked():
            pytest.fail("it was claimed twice")
    with experiment.run.locked():
        assert sorted(file.name for file in experiment.run.folder.iterdir()) == [".lock", "config.yaml", "run.json"]


def test_a_resumed_run_is_locked_before_it_is_read(
    loaded: LoadedConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pipeline.prepare(loaded, tmp_path / "run"):
        pass
    config_read = looking(monkeypatch, Run, "config", tmp_path / "run")
    data_read = looking(monkeypatch, pipeline, "load_dataset", tmp_path / "run")
    with pipeline.resume(str(tmp_path / "run")) as experiment:
        assert (config_read, data_read) == ([True], [True])
        assert experiment.run.status == "training"
    assert not is_locked(tmp_path / "run")


def test_of_two_trainings_that_begin_in_one_folder_at_once_the_slower_is_refused(
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


def test_a_config_that_is_edited_during_training_does_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mnist_pipeline.training import train as training

    trained = training.train

    def train(setup: training.TrainingSetup, run: Run, **options: Any) -> None:
        trained(setup, run, **options)
        (run.folder / "config.yaml").write_text("loss: [")

    monkeypatch.setattr(training, "train", train)
    with pipeline.prepare(tiny(tmp_path), tmp_path / "run") as experiment:
        pipeline.execute(experiment)
    assert experiment.run.status == "finished"
    assert experiment.run.model.exists()
    assert experiment.run.metrics


def test_without_test_images_metrics_are_those_on_the_validation_set(tmp_path: Path) -> None:
    file = npz_file(tmp_path / "mine.npz", noise(20))
    loaded = tiny(tmp_path, data={"dataset": str(file)}, training={"epochs": 1})
    with pipeline.prepare(loaded, tmp_path / "run") as experiment:
        assert pipeline.execute(experiment) is None
    metrics = experiment.run.metrics or {}
    assert (experiment.run.status, list(metrics), metrics["validation"]["samples"]) == ("finished", ["validation"], 4)


@pytest.mark.parametrize(("split", "test", "samples"), [(0.2, 7, (7, 4)), (0, 7, (7, None)), (0, None, (None, None))])
def test_metrics_are_computed_on_the_sets_that_exist(
    tmp_path: Path, split: float, test: int | None, samples: tuple[int | None, int | None]
) -> None:
    file = npz_file(tmp_path / "mine.npz", noise(20), noise(test) if test else None)
    new = config({"data": {"dataset": str(file), "validation_split": split}})
    metrics = final_metrics(untrained(tmp_path / "run", new), load_dataset(new.data))
    assert (metrics.get("samples"), metrics.get("validation", {}).get("samples")) == samples
