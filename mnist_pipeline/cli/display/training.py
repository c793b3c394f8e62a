"""A message about a run after its training."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mnist_pipeline.run.folder import Run


def missing_litert_message(run: "Run") -> str | None:
    """Why `run` has no model.tflite; None if it has one."""
    litert = run.record.get("litert") or {}
    if litert.get("used", True):
        return None
    return f"{run.name} has no model.tflite: {litert['reason']}. Its model.keras is used, which takes longer to start"
