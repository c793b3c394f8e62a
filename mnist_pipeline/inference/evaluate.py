"""`evaluate(run, split)`: how good a run is on labelled images."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_pipeline.config.schema import Config
from mnist_pipeline.data.dataset import Dataset, load_dataset, positives, targets
from mnist_pipeline.data.images import CLASSES
from mnist_pipeline.inference import figures
from mnist_pipeline.inference.classifier import Outputs, outputs, probabilities
from mnist_pipeline.inference.losses import mean_loss
from mnist_pipeline.run import Run


def evaluate(run: Run, split: str = "test", source: str | None = None) -> dict[str, Any]:
    """The figures of `run` on a part (train, validation, test) of its data, or of `source`.

    Raises RunError if the run has no model, and DataError if there are no such data.
    """
    return assess(run, load_dataset(run.config().config.data, source), split)


def assess(run: Run, dataset: Dataset, split: str) -> dict[str, Any]:
    """The figures of `run` on a part of `dataset`. Raises as `evaluate` does."""
    config, images = run.config().config, dataset.split(split)
    given = outputs(run, images.images)
    return {
        "run": run.name,
        "dataset": dataset.source.name,
        "split": split,
        "samples": len(images),
        "loss": mean_loss(config.loss, targets(images.labels, config), given),
        **judge(given, images.labels, config),
    }


def judge(given: Outputs, labels: NDArray[np.uint8], config: Config) -> dict[str, Any]:
    """Accuracy, confusion and calibration of outputs (n, k) for digits `labels` (n,).

    For a value, an answer is right if it rounds to the digit; calibration has no meaning there.
    """
    match config.data.kind:
        case "positive":
            truth, chance = positives(labels, config.data), probabilities(given, config)
            answers = chance >= 0.5
            more = {"ece": _calibration(np.maximum(chance, 1 - chance), answers == truth)}
            more["auc"] = figures.area_under_roc(truth, chance)
            return _counted(truth.astype(int), answers.astype(int), ["no", "yes"], "answer") | more
        case "value":
            values = given[:, 0].astype(np.float64)
            error = values - labels
            more = {"ece": None, "mse": float((error**2).mean()), "mae": float(np.abs(error).mean())}
            return _counted(labels, nearest_digit(values), list(range(CLASSES)), "digit") | more
    chances = probabilities(given, config)
    answers = chances.argmax(axis=1)
    more = {"ece": _calibration(chances.max(axis=1), answers == labels)}
    return _counted(labels, answers, list(range(CLASSES)), "digit") | more


def nearest_digit(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """The digit that each value rounds to."""
    return np.clip(np.rint(np.nan_to_num(values)), 0, CLASSES - 1).astype(np.int64)


def _calibration(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float | None:
    return figures.expected_calibration_error(confidence, right)


def _counted(truth: figures.Labels, answers: figures.Labels, names: list[Any], kind: str) -> dict[str, Any]:
    matrix = figures.confusion_matrix(truth, answers, len(names))
    right = int(np.trace(matrix))
    return {
        "accuracy": right / len(truth),
        "accuracy_ci95": list(figures.wilson(right, len(truth))),
        "per_class": [{kind: name, **row} for name, row in zip(names, figures.per_class(matrix), strict=True)],
        "confusion_matrix": matrix.tolist(),
    }
