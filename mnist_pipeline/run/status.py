"""The status of a run, and messages about one without a finished model."""

from contextlib import suppress
from typing import TYPE_CHECKING

from mnist_pipeline.errors import RunError
from mnist_pipeline.run.files import MODEL, own_file
from mnist_pipeline.run.lock import is_locked
from mnist_pipeline.run.record import Status

if TYPE_CHECKING:
    from mnist_pipeline.run.folder import Run


def current(run: "Run") -> Status:
    """Status now: interrupted, if it was training and no process trains it."""
    if run.record["status"] != "training":
        return run.record["status"]
    run.refresh()  # it may have ended since it was read
    locked = run.record["status"] == "training" and is_locked(run.folder)
    if locked:
        return "training"
    run.refresh()  # or between the two looks
    status = run.record["status"]
    return "interrupted" if status == "training" else status


def why_no_model(run: "Run") -> str:
    """Why a run has no model, and what to do; to follow its name."""
    resume = f"mnist train --resume {run.name}"
    match run.status:
        case "training":
            return "has no model yet: it is training, and saves its model at the end"
        case "finished":
            return f"was changed: its {MODEL} is missing. To see what else: mnist verify {run.name}"
        case "failed":
            reason = _first_error(run)
            then = "" if resume in reason else f". Once that is fixed: {resume}"
            return f"has no model: its training failed ({reason}){then}"
    return f"has no model: its training was interrupted {_progress(run)}: {resume}"


def unfinished_message(run: "Run") -> str | None:
    """Message that the model of `run` is unfinished; None if finished or missing."""
    status = run.status
    if status == "finished" or own_file(run.folder, MODEL) is None:
        return None
    state = {"training": "is still training", "failed": f"failed ({_first_error(run)})"}.get(status, "was interrupted")
    epochs = run.record.get("epochs")
    when = "" if epochs is None else f" after {_epochs(epochs)}"
    remark = f"{run.name} {state}: its model was saved{when}"
    return remark if status == "training" else f"{remark}. To finish it: mnist train --resume {run.name}"


def interruption_message(run: "Run") -> str:
    """What is saved of a run whose training was interrupted, and how to finish it."""
    epochs = run.record.get("epochs")
    if epochs is None:
        when, state = "", "its last checkpoint is saved" if run.checkpoint else "nothing is saved yet"
    else:
        when = f" after {_epochs(epochs)}" if epochs else " in the first epoch"
        state = "progress is saved"
    return f"Interrupted{when}; {state}. To finish the run: mnist train --resume {run.name}"


def _progress(run: "Run") -> str:
    """How far an interrupted training without a model came, and what --resume does."""
    if not run.checkpoint:
        return "before anything of it was saved. To train it from the start"
    with suppress(RunError):  # a damaged history
        epochs = len(run.history)
        if not epochs:
            return "in its first epoch. To finish it"
        return f"after {_epochs(epochs)}, which {'is' if epochs == 1 else 'are'} saved. To finish it"
    return "and can be resumed. To finish it"


def _epochs(count: int) -> str:
    return f"{count} epoch{'' if count == 1 else 's'}"


def _first_error(run: "Run") -> str:
    return run.record.get("error", "for an unknown reason").partition("\n")[0]
