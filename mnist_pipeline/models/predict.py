"""Predictions of a run for images, or for test images with their labels."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_pipeline.data.class_names import class_names
from mnist_pipeline.models.runtime import Outputs, Runtime, compute_outputs
from mnist_pipeline.run.folder import Run
from mnist_pipeline.tasks import (
    REGRESSION,
    Task,
    label_key,
    label_names,
    predicted_labels,
    probabilities,
    true_labels,
)

Prediction = dict[str, Any]


def predict(
    run: Run, images: Sequence[NDArray[np.uint8]], names: Sequence[str], runtime: Runtime = "auto"
) -> list[Prediction]:
    """One prediction for each of `images`, each (28, 28), with its name under `image`.

    Multiclass: `digit`, or `class` where classes have names; `confidence`; `probabilities` (10). Binary: `answer` (yes
    or no), `confidence`, `probabilities` (of no and yes). Regression: `value` and the nearest `digit`.
    """
    if not images:
        return []
    outputs = compute_outputs(run, np.stack(images), runtime)
    predictions = _predictions(outputs, run.task, class_names(run))
    return [{"image": name, **prediction} for name, prediction in zip(names, predictions, strict=True)]


def predict_test_images(run: Run, count: int, source: str | None = None, runtime: Runtime = "auto") -> list[Prediction]:
    """Predictions for the first `count` test images, each with its `label`.

    The images are those of the run's data, or of `source`. Raises DataError.
    """
    from mnist_pipeline.data.run_data import load_run_dataset  # reads the config, which takes pydantic

    test = load_run_dataset(run, source).split("test")[:count]
    data = run.config().config.data
    names = label_names(data.kind, class_names(run))
    labels = [names[label] for label in true_labels(test.labels, data.kind, data.positive)]
    image_names = [f"test image {index}" for index in range(len(test))]
    predictions = predict(run, list(test.images), image_names, runtime)
    return [{**prediction, "label": label} for prediction, label in zip(predictions, labels, strict=True)]


def _predictions(outputs: Outputs, task: Task, classes: list[str] | None) -> list[Prediction]:
    labels = predicted_labels(outputs, task).tolist()
    if task["kind"] == REGRESSION:
        values = outputs[:, 0].tolist()
        return [{"value": value, "digit": digit} for value, digit in zip(values, labels, strict=True)]
    key, names = label_key(task["kind"], classes), label_names(task["kind"], classes)
    rows = zip(labels, probabilities(outputs, task).tolist(), strict=True)
    return [{key: names[label], "confidence": row[label], "probabilities": row} for label, row in rows]
