"""`evaluate(run, split)`: how good a run is on labelled images."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_pipeline.config.network import output_activation
from mnist_pipeline.config.schema import Config
from mnist_pipeline.data.class_names import class_names
from mnist_pipeline.data.dataset import Dataset, positives, targets
from mnist_pipeline.data.images import CLASSES
from mnist_pipeline.data.run_data import load_run_dataset
from mnist_pipeline.metrics import classification
from mnist_pipeline.metrics.losses import mean_loss
from mnist_pipeline.metrics.overlap import overlap
from mnist_pipeline.models.runtime import Outputs, Runtime, outputs
from mnist_pipeline.run.folder import Run
from mnist_pipeline.tasks import predicted_labels, probabilities


def evaluate(run: Run, split: str = "test", source: str | None = None, runtime: Runtime = "auto") -> dict[str, Any]:
    """The figures of `run` on a part (train, validation, test) of its data, or of `source`, and its `overlap`.

    Raises RunError if the run has no model that answers with numbers, and DataError if there are no such data.
    """
    dataset = load_run_dataset(run, source)
    return evaluate_dataset(run, dataset, split, runtime) | overlap(run, dataset, split)


def evaluate_dataset(
    run: Run, dataset: Dataset, split: str, runtime: Runtime = "auto", config: Config | None = None
) -> dict[str, Any]:
    """The figures of `run` on a part of `dataset`; a loss that is not finite is None. Raises as `evaluate` does.

    `config`: that of the run, where it has been read already.
    """
    config, images = config or run.config().config, dataset.split(split)
    given = outputs(run, images.images, runtime)
    _, activation = output_activation(config.model.layers)
    loss = mean_loss(config.loss, targets(images.labels, config), given, activation)
    return {
        "run": run.name,
        "dataset": dataset.source.name,
        "split": split,
        "samples": len(images),
        "loss": loss if math.isfinite(loss) else None,
        **compute_metrics(given, images.labels, config, class_names(run)),
    }


def compute_metrics(
    given: Outputs, labels: NDArray[np.uint8], config: Config, names: list[str] | None = None
) -> dict[str, Any]:
    """Accuracy, confusion and calibration of outputs (n, k) for digits `labels` (n,).

    `names`: those of the classes, where they are not the digits. For a value, an answer is right if it rounds to the
    digit; calibration has no meaning there.
    """
    said = predicted_labels(given, config.task)
    more: dict[str, float | None]
    match config.task["kind"]:
        case "positive":
            truth, chance = positives(labels, config.data), probabilities(given, config.task)
            more = {"ece": classification.expected_calibration_error(np.maximum(chance, 1 - chance), said == truth)}
            more["auc"] = classification.area_under_roc(truth, given[:, 0])  # probabilities of 0 and 1 would tie
            return _counted(truth.astype(int), said, ["no", "yes"], "answer") | more
        case "value":
            error = given[:, 0].astype(np.float64) - labels
            more = {"ece": None, "mse": float((error**2).mean()), "mae": float(np.abs(error).mean())}
            return _counted(labels, said, list(range(CLASSES)), "digit") | more
    confidence = probabilities(given, config.task)[np.arange(len(said)), said]
    more = {"ece": classification.expected_calibration_error(confidence, said == labels)}
    kind = "class" if names else "digit"
    return _counted(labels, said, names or list(range(CLASSES)), kind) | more


def _counted(truth: classification.Labels, said: classification.Labels, names: list[Any], kind: str) -> dict[str, Any]:
    matrix = classification.confusion_matrix(truth, said, len(names))
    right = int(np.trace(matrix))
    return {
        "accuracy": right / len(truth),
        "accuracy_ci95": list(classification.wilson_interval(right, len(truth))),
        "per_class": [{kind: name, **row} for name, row in zip(names, classification.per_class(matrix), strict=True)],
        "confusion_matrix": matrix.tolist(),
    }
