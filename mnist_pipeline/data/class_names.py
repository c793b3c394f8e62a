"""The names of a run's classes."""

from mnist_pipeline.data.images import DATASET_CLASS_NAMES
from mnist_pipeline.errors import RunError
from mnist_pipeline.run.files import RECORD
from mnist_pipeline.run.folder import Run
from mnist_pipeline.tasks import CLASSES


def class_names(run: Run) -> list[str] | None:
    """Name of each class; None where the classes are the digits.

    Raises RunError unless there are ten names. Runs made before 0.1.0 record only the name of their data.
    """
    record = run.record
    names: list[str] | tuple[str, ...] | None = record.get("class_names")
    if names is None and "data" in record:
        names = DATASET_CLASS_NAMES.get(record["data"].get("name", ""))
    if names is None:
        return None
    if len(names) != CLASSES:
        raise RunError(f"{run.folder / RECORD}: class_names: expected {CLASSES} names, received {len(names)}")
    return list(names)
