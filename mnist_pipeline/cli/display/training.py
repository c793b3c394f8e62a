"""Messages about a run after its training."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mnist_pipeline.run.folder import Run


def interruption_message(run: "Run") -> str:
    """What is saved of a run whose training was interrupted, and how to finish it."""
    epochs = run.record.get("epochs")
    if epochs is None:
        when, state = "", "its last checkpoint is saved" if run.checkpoint else "nothing is saved yet"
    else:
        when = f" after {epochs} epoch{'' if epochs == 1 else 's'}" if epochs else " in the first epoch"
        state = "progress is saved"
    return f"Interrupted{when}; {state}. To finish the run: mnist train --resume {run.name}"


def missing_litert_message(run: "Run") -> str | None:
    """Why `run` has no model.tflite; None if it has one."""
    litert = run.record.get("litert") or {}
    if litert.get("used", True):
        return None
    return f"{run.name} has no model.tflite: {litert['reason']}. Its model.keras is used, which takes longer to start"
