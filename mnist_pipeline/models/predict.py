"""`predict(run, images)`: what a run says to pictures."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_pipeline.data.class_names import class_names
from mnist_pipeline.models.runtime import Outputs, Runtime, outputs
from mnist_pipeline.run.folder import Run
from mnist_pipeline.tasks import BINARY, REGRESSION, Task, predicted_labels, probabilities

Prediction = dict[str, Any]


def predict(
    run: Run, images: Sequence[NDArray[np.uint8]], names: Sequence[str], runtime: Runtime = "auto"
) -> list[Prediction]:
    """An answer for each of `images`, each (28, 28), with its name.

    For digits `digit`, `confidence` and `probabilities` (10); for other classes `class`, its name, in place of `digit`;
    for yes or no `answer`, `confidence` and `probabilities` (of no and of yes); for a value `value` and the `digit`
    nearest to it.
    """
    if not images:
        return []
    given = _answers(outputs(run, np.stack(images), runtime), run.task, class_names(run))
    return [{"image": name, **answer} for name, answer in zip(names, given, strict=True)]


def _answers(given: Outputs, task: Task, names: list[str] | None) -> list[Prediction]:
    said = predicted_labels(given, task).tolist()
    if task["kind"] == REGRESSION:
        return [{"value": float(value), "digit": digit} for value, digit in zip(given[:, 0], said, strict=True)]
    chances = probabilities(given, task)
    if task["kind"] == BINARY:
        named = [{"answer": "yes" if yes else "no"} for yes in said]
        chances = np.stack([1 - chances, chances], axis=1)
    else:
        named = [{"class": names[label]} if names else {"digit": label} for label in said]
    rows = zip(named, said, chances.tolist(), strict=True)
    return [{**name, "confidence": row[answer], "probabilities": row} for name, answer, row in rows]
