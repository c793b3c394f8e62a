"""Verify that files, data and metrics of a run are those that training recorded."""

from typing import Any

from mnist_pipeline.comparison import Comparison, compare_metrics
from mnist_pipeline.data.dataset import Dataset
from mnist_pipeline.data.run_data import load_run_dataset
from mnist_pipeline.errors import DataError, RunError
from mnist_pipeline.metrics.run_metrics import final_metrics
from mnist_pipeline.run.files import CONFIG
from mnist_pipeline.run.folder import Run


def verify(run: Run, source: str | None = None) -> list[Comparison]:
    """Compare each file, the data, and the metrics, which are computed again.

    `source`: data to use instead of those that the config names. Raises RunError if the run is not finished.
    """
    require_finished(run)
    changes = run.changed_files()
    comparisons = [
        Comparison(name, name not in changes, changes.get(name, "unchanged")) for name in {**run.hashes, **changes}
    ]
    if CONFIG in changes:
        return [*comparisons, *_not_checked(f"because {CONFIG} is {changes[CONFIG]}")]
    try:
        dataset = load_run_dataset(run, source)
    except DataError as error:
        return [*comparisons, *_not_checked(str(error))]
    sha256 = dataset.source.sha256
    unchanged = sha256 == run.data_sha256
    detail = f"SHA-256 {sha256[:12]}..." if unchanged else "other data, or changed"
    comparisons.append(Comparison("data", unchanged, detail))
    if changes or not unchanged:
        return [*comparisons, Comparison("metrics", None, "not checked, as files or data differ")]
    recorded = run.metrics
    return [*comparisons, _compare_metrics(run, recorded, dataset)] if recorded else comparisons


def require_finished(run: Run) -> None:
    """Raises RunError for a run that is not finished."""
    status = run.status
    if status == "training":
        raise RunError(f"{run.name} is still training. Wait until it is finished")
    if status != "finished":
        raise RunError(
            f"{run.name} is not finished: its status is {status}. Finish it: mnist train --resume {run.name}"
        )


def _not_checked(reason: str) -> list[Comparison]:
    return [Comparison("data", None, f"not checked: {reason}"), Comparison("metrics", None, "not checked without data")]


def _compare_metrics(run: Run, recorded: dict[str, Any], dataset: Dataset) -> Comparison:
    try:
        return compare_metrics(recorded, final_metrics(run, dataset, validation="validation" in recorded))
    except RunError as error:
        return Comparison("metrics", False, str(error))
