"""`predict_first(run, number)`: what a run says to test images whose labels are known."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_pipeline.config.schema import Data
from mnist_pipeline.data.class_names import class_names
from mnist_pipeline.data.dataset import positives
from mnist_pipeline.data.run_data import load_run_dataset
from mnist_pipeline.models.predict import Prediction, predict
from mnist_pipeline.models.runtime import Runtime
from mnist_pipeline.run.folder import Run


def predict_first(run: Run, number: int, source: str | None = None, runtime: Runtime = "auto") -> list[Prediction]:
    """Answers for the first test images of the run's data, or of `source`, with their labels. Raises DataError."""
    data = run.config().config.data
    first = load_run_dataset(run, source).split("test")[:number]
    names = [f"test image {index}" for index in range(len(first))]
    answers = predict(run, list(first.images), names, runtime)
    return [
        {**answer, "label": label}
        for answer, label in zip(answers, _labels(first.labels, data, class_names(run)), strict=True)
    ]


def _labels(labels: NDArray[np.uint8], data: Data, names: list[str] | None) -> list[Any]:
    if data.kind == "positive":
        return ["yes" if each else "no" for each in positives(labels, data)]
    if data.kind == "digit" and names:
        return [names[label] for label in labels]
    return [int(label) for label in labels]
