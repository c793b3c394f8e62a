"""Verify a run: its files, its data and its metrics are those that training recorded."""

from typing import Any

from mnist_pipeline.checks import Check, compare_metrics
from mnist_pipeline.data.dataset import Dataset
from mnist_pipeline.data.run_data import load_run_dataset
from mnist_pipeline.errors import DataError, RunError
from mnist_pipeline.metrics.evaluate import evaluate_dataset
from mnist_pipeline.run.folder import Run


def verify(run: Run, source: str | None = None) -> list[Check]:
    """Whether the files are those that were written, the data those it was trained on, and the figures come out again.

    `source` takes the place of the data that its config names, if given.

    Raises RunError if the run is not finished, DataError if its data cannot be had.
    """
    require_finished(run)
    altered = run.changed_files()
    names = {**run.hashes, **altered}
    checks = [Check(name, name not in altered, altered.get(name, "as written")) for name in names]
    try:
        dataset = load_run_dataset(run, source)
    except DataError as error:
        return [*checks, Check("data", False, f"not checked, nor the metrics: {error}")]
    same = dataset.source.sha256 == run.data_sha256
    checks.append(Check("data", same, f"SHA-256 {dataset.source.sha256[:12]}..." if same else "other data, or changed"))
    written = None if altered else run.metrics
    if written and same:
        checks.append(_evaluate_again(run, written, dataset))
    return checks


def require_finished(run: Run) -> None:
    """Raises RunError for a run that is not finished."""
    status = run.status
    if status == "training":
        raise RunError(f"{run.name} is still training. Wait until it is finished")
    if status != "finished":
        raise RunError(f"{run.name} is not finished, so there is nothing to hold it to. Finish it: "
                       f"mnist train --resume {run.name}")  # fmt: skip


def _evaluate_again(run: Run, written: dict[str, Any], dataset: Dataset) -> Check:
    try:
        return compare_metrics(written, evaluate_dataset(run, dataset, "test"))
    except RunError as error:
        return Check("figures", False, str(error))
