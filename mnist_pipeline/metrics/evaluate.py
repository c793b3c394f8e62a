"""Evaluate a run on labeled images.

`evaluate` loads the data of a run, `evaluate_dataset` computes the outputs, `compute_metrics` turns them into metrics.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_pipeline.config.network import output_activation
from mnist_pipeline.config.schema import Config
from mnist_pipeline.data.class_names import class_names
from mnist_pipeline.data.dataset import Dataset
from mnist_pipeline.data.run_data import load_run_dataset
from mnist_pipeline.metrics.calibration import expected_calibration_error
from mnist_pipeline.metrics.classification import Labels, confusion_matrix, per_class, roc_auc
from mnist_pipeline.metrics.intervals import wilson_interval
from mnist_pipeline.metrics.losses import mean_loss
from mnist_pipeline.metrics.overlap import overlap
from mnist_pipeline.models.runtime import Outputs, Runtime, compute_outputs
from mnist_pipeline.run.folder import Run
from mnist_pipeline.tasks import (
    BINARY,
    REGRESSION,
    label_key,
    label_names,
    predicted_labels,
    probabilities,
    targets,
    true_labels,
)


def evaluate(run: Run, split: str = "test", source: str | None = None, runtime: Runtime = "auto") -> dict[str, Any]:
    """Metrics of `run` on a split of its data, or of `source`, and its `overlap`.

    `split`: train, validation or test. Raises RunError if the run has no model with finite outputs, and DataError if
    there are no such data.
    """
    dataset = load_run_dataset(run, source)
    return evaluate_dataset(run, dataset, split, runtime) | overlap(run, dataset, split)


def evaluate_dataset(run: Run, dataset: Dataset, split: str, runtime: Runtime = "auto") -> dict[str, Any]:
    """Metrics of `run` on a split of `dataset`; a loss that is not finite is None.

    Raises as `evaluate` does.
    """
    config, images = run.config().config, dataset.split(split)
    outputs = compute_outputs(run, images.images, runtime)
    loss = _loss(outputs, images.labels, config)
    return {
        "run": run.name,
        "dataset": dataset.source.name,
        "split": split,
        "samples": len(images),
        "loss": loss if math.isfinite(loss) else None,
        **compute_metrics(outputs, images.labels, config, class_names(run)),
    }


def compute_metrics(
    outputs: Outputs, digits: NDArray[np.uint8], config: Config, classes: list[str] | None = None
) -> dict[str, Any]:
    """Accuracy, confusion matrix and calibration of outputs (n, k).

    `digits`: the true digits, (n,). `classes`: their names, None for digits. A regression output is correct if it
    rounds to the digit; it has no calibration.
    """
    kind = config.task["kind"]
    labels, predicted = true_labels(digits, kind, config.data.positive), predicted_labels(outputs, config.task)
    names = label_names(kind, classes)
    matrix = confusion_matrix(labels, predicted, len(names))
    correct = int(np.trace(matrix))
    rows = zip(names, per_class(matrix), strict=True)
    return {
        "accuracy": correct / len(labels),
        "accuracy_ci95": list(wilson_interval(correct, len(labels))),
        "per_class": [{label_key(kind, classes): name, **row} for name, row in rows],
        "confusion_matrix": matrix.tolist(),
        **(_errors(outputs, labels) if kind == REGRESSION else _calibration(outputs, labels, predicted, config)),
    }


def _loss(outputs: Outputs, digits: NDArray[np.uint8], config: Config) -> float:
    _, activation = output_activation(config.model.layers)
    y_true = targets(digits, config.data.kind, config.data.positive, sparse=config.sparse_labels)
    return mean_loss(config.loss, y_true, outputs, activation)


def _calibration(outputs: Outputs, labels: Labels, predicted: Labels, config: Config) -> dict[str, float | None]:
    confidence = probabilities(outputs, config.task)[np.arange(len(labels)), predicted]
    metrics: dict[str, float | None] = {"ece": expected_calibration_error(confidence, predicted == labels)}
    if config.task["kind"] == BINARY:
        metrics["auc"] = roc_auc(labels == 1, outputs[:, 0])  # probabilities that saturate at 0 and 1 would tie
    return metrics


def _errors(outputs: Outputs, labels: Labels) -> dict[str, float | None]:
    error = outputs[:, 0].astype(np.float64) - labels
    return {"ece": None, "mse": float((error**2).mean()), "mae": float(np.abs(error).mean())}
