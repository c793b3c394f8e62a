"""`predict(run, images)`: what a run says to pictures."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_pipeline.config.schema import Config
from mnist_pipeline.data.dataset import load_dataset, positives
from mnist_pipeline.inference.classifier import Outputs, outputs, probabilities
from mnist_pipeline.inference.evaluate import nearest_digit
from mnist_pipeline.run import Run

Answer = dict[str, Any]


def predict_first(run: Run, number: int) -> list[Answer]:
    """Answers for the first test images of the run's own data, with their labels. Raises DataError without data."""
    first = load_dataset(run.config().config.data).split("test")[:number]
    return predict(run, list(first.images), [f"test image {index}" for index in range(len(first))], first.labels)


def predict(
    run: Run, images: Sequence[NDArray[np.uint8]], names: Sequence[str], labels: NDArray[np.uint8] | None = None
) -> list[Answer]:
    """An answer for each of `images`, each (28, 28), with its name and, where the truth is known, its label.

    For digits `digit`, `confidence` and `probabilities` (10); for yes or no `answer`, `confidence` and
    `probabilities` (of no and of yes); for a value `value` and the `digit` nearest to it.
    """
    if not images:
        return []
    config = run.config().config
    answers = _answers(outputs(run, np.stack(images)), config)
    truth = [{}] * len(names) if labels is None else [{"label": label} for label in _labels(labels, config)]
    return [{"image": name, **answer, **label} for name, answer, label in zip(names, answers, truth, strict=True)]


def _answers(given: Outputs, config: Config) -> list[Answer]:
    match config.data.kind:
        case "positive":
            chances = probabilities(given, config)
            return [
                {
                    "answer": "yes" if chance >= 0.5 else "no",
                    "confidence": float(max(chance, 1 - chance)),
                    "probabilities": [float(1 - chance), float(chance)],
                }
                for chance in chances
            ]
        case "value":
            values = given[:, 0].astype(np.float64)
            pairs = zip(values, nearest_digit(values), strict=True)
            return [{"value": float(value), "digit": int(digit)} for value, digit in pairs]
    return [
        {"digit": int(row.argmax()), "confidence": float(row.max()), "probabilities": [float(p) for p in row]}
        for row in probabilities(given, config)
    ]


def _labels(labels: NDArray[np.uint8], config: Config) -> list[Any]:
    if config.data.kind == "positive":
        return ["yes" if each else "no" for each in positives(labels, config.data)]
    return [int(label) for label in labels]
