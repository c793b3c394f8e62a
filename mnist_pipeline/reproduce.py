"""Reproduce a run: train again from its config, and compare."""

from pathlib import Path

from mnist_pipeline import environment, pipeline
from mnist_pipeline.comparison import Comparison, compare_data, compare_history, compare_metrics, compare_weights
from mnist_pipeline.data.run_data import load_run_dataset
from mnist_pipeline.errors import RunError
from mnist_pipeline.run.folder import Run
from mnist_pipeline.verify import require_finished


def reproduce(run: Run, folder: Path | None = None, source: str | None = None) -> tuple[Run, list[Comparison]]:
    """A new run from the config of `run`, and how it compares with it.

    Data, weights, history and metrics are compared. `source`: data to use instead of those that the config names.
    Raises RunError if the run is not finished or was changed, and what training raises.
    """
    require_finished(run)
    changes = ", ".join(f"{name}: {change}" for name, change in run.changed_files().items())
    if changes:
        raise RunError(
            f"{run.name} was changed after training, so it cannot be reproduced: {changes}. "
            f"For details: mnist verify {run.name}"
        )
    loaded = run.config().with_data(source) if source else run.config()
    dataset = load_run_dataset(run, source)
    if dataset.source.sha256 != run.data_sha256:
        raise RunError(
            f"{loaded.config.data.dataset}: {run.name} was trained on other data, so it was not trained again"
        )
    pipeline.restore_threads(run)
    with pipeline.prepare(loaded, folder, dataset, made_by="reproduce", parent=run.name) as experiment:
        pipeline.execute(experiment)
    reproduction = experiment.run
    return reproduction, _compare(run, reproduction)


def environment_changes(before: Run, now: Run) -> list[str]:
    """Differences between the machines and versions with which two runs were trained."""
    parts = ("versions", "hardware", "device", "gpus", "threads", "precision")
    return environment.changes_since(before.record, {part: now.record.get(part) for part in parts})


def _compare(before: Run, now: Run) -> list[Comparison]:
    comparisons = [compare_data(before, now), compare_weights(before, now), compare_history(before, now)]
    old, new = before.metrics, now.metrics
    return [*comparisons, compare_metrics(old, new)] if old and new else comparisons
