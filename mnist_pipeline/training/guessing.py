"""Whether a network has learned anything: a remark for the end of a training."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_pipeline.config.catalog.optimizers import OPTIMIZERS
from mnist_pipeline.config.schema import Config
from mnist_pipeline.data.dataset import positives

MARGIN = 0.02  # of accuracy over an epoch: what order and first steps do to a network that always answers the same
ACCURACIES = {
    "digit": {"accuracy", "CategoricalAccuracy", "SparseCategoricalAccuracy"},
    "positive": {"accuracy", "BinaryAccuracy"},
    "value": set[str](),
}


def remark(config: Config, epoch: Mapping[str, float], labels: NDArray[np.uint8]) -> str | None:
    """Advice where the network guesses; None where it has learned, or no accuracy is measured.

    `epoch`: the last row of the history; `labels` (n,): the digits of the training images.
    """
    kind = config.data.kind
    name = next((each.config["name"] for each in config.metrics if each.class_name in ACCURACIES[kind]), "")
    answers: NDArray[Any] = positives(labels, config.data).astype(np.uint8) if kind == "positive" else labels
    commonest = np.bincount(answers).max() / len(answers)
    accuracy = epoch.get(name, 1.0)
    if accuracy > commonest + MARGIN:
        return None
    return (
        f"This network guesses: it is right for {accuracy:.1%} of the training images, and the commonest answer alone "
        f"is for {commonest:.1%}. {_advice(config, epoch['learning_rate'])}"
    )


def _advice(config: Config, rate: float) -> str:
    name = config.optimizer.class_name
    usual = OPTIMIZERS.model(name).model_fields["learning_rate"].default
    if rate == usual:
        return "Try more epochs, activation: relu in the hidden layers, or another optimizer"
    return f"Most often the learning rate is the reason: it ended at {rate:g}, and {usual:g} is usual for {name}"
