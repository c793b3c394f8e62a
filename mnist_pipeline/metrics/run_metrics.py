"""`final_metrics(run, dataset)`: the content of a run's metrics.json."""

from typing import Any

from mnist_pipeline.data.dataset import Dataset
from mnist_pipeline.metrics.evaluate import evaluate_dataset
from mnist_pipeline.run.folder import Run


def final_metrics(run: Run, dataset: Dataset, *, validation: bool = True) -> dict[str, Any]:
    """Metrics on the test set and, under `validation`, on the validation set.

    Nothing for a set that is missing. Raises RunError as `evaluate_dataset` does.
    """
    metrics = evaluate_dataset(run, dataset, "test") if dataset.test else {}
    if validation and dataset.validation:
        metrics["validation"] = evaluate_dataset(run, dataset, "validation")
    return metrics
