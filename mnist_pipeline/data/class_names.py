"""What the classes of a run are called."""

from mnist_pipeline.data.images import CLASS_NAMES, CLASSES
from mnist_pipeline.errors import RunError
from mnist_pipeline.run.files import RECORD
from mnist_pipeline.run.folder import Run


def class_names(run: Run) -> list[str] | None:
    """The name of each class; None where they are the digits. Raises RunError where there are not ten.

    The first versions did not note them, only what data they trained on.
    """
    record = run.record
    names: list[str] | tuple[str, ...] | None = record.get("class_names")
    if names is None and "data" in record:
        names = CLASS_NAMES.get(record["data"].get("name", ""))
    if names is None:
        return None
    if len(names) != CLASSES:
        raise RunError(f"{run.folder / RECORD}: class_names: expected {CLASSES} names, received {len(names)}")
    return list(names)
