"""The row of a run in `mnist runs`."""

from contextlib import suppress
from typing import Any

from mnist_pipeline.errors import RunError
from mnist_pipeline.run.folder import Run
from mnist_pipeline.run.json_file import finite
from mnist_pipeline.run.sorting import Overview
from mnist_pipeline.run.store import status_or_damage


def overview(run: Run) -> Overview:
    """The row of a run: a value, or None, for each key of `SORT_ORDER`."""
    record: Any = {}
    metrics: dict[str, Any] = {}
    with suppress(RunError):  # of a damaged run, name and status are shown
        record = run.record
        metrics = finite(run.metrics or {})
    validation = metrics.get("validation", {})
    return {
        "run": run.name,
        "status": status_or_damage(run),
        "started": record.get("started"),
        "epochs": record.get("epochs", _epochs_in_history(run)),
        "seconds": record.get("training_seconds"),
        "params": record.get("weights"),
        "val_accuracy": validation.get("accuracy"),
        "val_loss": validation.get("loss"),
        "accuracy": metrics.get("accuracy"),
        "loss": metrics.get("loss"),
    }


def _epochs_in_history(run: Run) -> int | None:
    """Number of epochs in the history of a run that was killed; None for 0."""
    with suppress(RunError):
        return len(run.history) or None
    return None
