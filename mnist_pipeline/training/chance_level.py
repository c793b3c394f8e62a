"""Whether a network has learned anything: a remark for the end of a training."""

import math
from collections.abc import Mapping

from mnist_pipeline.config.keras.catalog.optimizers import OPTIMIZERS
from mnist_pipeline.config.schema import Config
from mnist_pipeline.tasks import CLASSES

MARGIN = 0.02  # the commonest digit of MNIST, 1, is 11.2 % of its images
ACCURACIES = {
    "digit": {"accuracy", "CategoricalAccuracy", "SparseCategoricalAccuracy"},
    "positive": {"accuracy", "BinaryAccuracy"},
    "value": set[str](),
}


def remark(config: Config, epoch: Mapping[str, float]) -> str | None:
    """Advice where the network guesses; None where it has learned, or no accuracy is measured.

    `epoch`: the last row of the history.
    """
    kind = config.data.kind
    name = next((each.config["name"] for each in config.metrics if each.class_name in ACCURACIES[kind]), "")
    share = len(config.data.positive) / CLASSES if kind == "positive" else 1 / CLASSES
    alone, accuracy = (max(share, 1 - share) if kind == "positive" else share), epoch.get(name, 1.0)
    if accuracy > alone + MARGIN:
        return None
    return (
        f"This network guesses: it is right for {100 * accuracy:.1f} % of the training images, and the same answer to "
        f"all would be for about {100 * alone:.0f} %. {_advice(config, epoch['learning_rate'])}"
    )


def _advice(config: Config, rate: float) -> str:
    name = config.optimizer.class_name
    usual = OPTIMIZERS.model(name).model_fields["learning_rate"].default
    if math.isclose(rate, usual, rel_tol=1e-6):  # in training it is a float32
        return "Try more epochs, activation: relu in the hidden layers, or another optimizer"
    return f"Most often the learning rate is the reason: it ended at {rate:g}, and {usual:g} is usual for {name}"
