"""Reproduce a run: train again from its config, and compare."""

from pathlib import Path

from mnist_pipeline import environment, pipeline
from mnist_pipeline.checks import Check, compare_data, compare_history, compare_metrics, compare_weights
from mnist_pipeline.data.run_data import access_of
from mnist_pipeline.errors import RunError
from mnist_pipeline.run.folder import Run
from mnist_pipeline.verify import require_finished


def reproduce(run: Run, folder: Path | None = None, source: str | None = None) -> tuple[Run, list[Check]]:
    """A new run, trained from the config of `run`, and whether it came to the same.

    `source` takes the place of the data that its config names, if given.

    Raises RunError if the run is not finished, and what training raises.
    """
    require_finished(run)
    altered = ", ".join(f"{name}: {how}" for name, how in run.changed_files().items())
    if altered:
        raise RunError(f"{run.name} is not as training left it, so nothing can be held against it: {altered}")
    pipeline.restore_threads(run)
    loaded = run.config()
    if source:
        loaded = loaded.with_data(source)
    with pipeline.prepare(loaded, folder, access_of(run, source), made_by="reproduce", parent=run.name) as work:
        pipeline.execute(work)
    again = work.run
    checks = [compare_data(run, again), compare_weights(run, again), compare_history(run, again)]
    if run.metrics and again.metrics:
        checks.append(compare_metrics(run.metrics, again.metrics))
    return again, checks


def environment_changes(before: Run, now: Run) -> list[str]:
    """What differs between where two runs were trained."""
    parts = ("versions", "hardware", "device", "gpus", "threads", "precision")
    return environment.changes_since(before.record, {part: now.record.get(part) for part in parts})
