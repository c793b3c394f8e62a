"""`predict(run, images)`: what a run says to pictures."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_pipeline.config.schema import Config
from mnist_pipeline.data.dataset import load_dataset, positives
from mnist_pipeline.inference.classifier import Outputs, Runtime, answers, outputs, probabilities
from mnist_pipeline.run import Run

Answer = dict[str, Any]


def predict_first(run: Run, number: int, runtime: Runtime = "auto") -> list[Answer]:
    """Answers for the first test images of the run's own data, with their labels. Raises DataError without data."""
    first = load_dataset(run.config().config.data).split("test")[:number]
    names = [f"test image {index}" for index in range(len(first))]
    labels = _labels(first.labels, run.config().config)
    return [
        {**answer, "label": label}
        for answer, label in zip(predict(run, list(first.images), names, runtime), labels, strict=True)
    ]


def predict(
    run: Run, images: Sequence[NDArray[np.uint8]], names: Sequence[str], runtime: Runtime = "auto"
) -> list[Answer]:
    """An answer for each of `images`, each (28, 28), with its name.

    For digits `digit`, `confidence` and `probabilities` (10); for yes or no `answer`, `confidence` and
    `probabilities` (of no and of yes); for a value `value` and the `digit` nearest to it.
    """
    if not images:
        return []
    config = run.config().config
    given = _answers(outputs(run, np.stack(images), runtime), config)
    return [{"image": name, **answer} for name, answer in zip(names, given, strict=True)]


def _answers(given: Outputs, config: Config) -> list[Answer]:
    said = answers(given, config).tolist()
    if config.data.kind == "value":
        return [{"value": float(value), "digit": digit} for value, digit in zip(given[:, 0], said, strict=True)]
    chances = probabilities(given, config)
    if config.data.kind == "positive":
        named = [{"answer": "yes" if yes else "no"} for yes in said]
        chances = np.stack([1 - chances, chances], axis=1)
    else:
        named = [{"digit": digit} for digit in said]
    rows = zip(named, said, chances.tolist(), strict=True)
    return [{**name, "confidence": row[answer], "probabilities": row} for name, answer, row in rows]


def _labels(labels: NDArray[np.uint8], config: Config) -> list[Any]:
    if config.data.kind == "positive":
        return ["yes" if each else "no" for each in positives(labels, config.data)]
    return [int(label) for label in labels]
