"""Whether a model predicts better than one that always predicts one label."""

import math
from collections.abc import Mapping

from mnist_pipeline.config.keras.catalog.optimizers import OPTIMIZERS
from mnist_pipeline.config.schema import Config
from mnist_pipeline.tasks import BINARY, CLASSES, MULTICLASS, REGRESSION

MARGIN = 0.02  # the most common digit of MNIST, 1, is 11.2 % of its images
ACCURACIES = {
    MULTICLASS: {"accuracy", "CategoricalAccuracy", "SparseCategoricalAccuracy"},
    BINARY: {"accuracy", "BinaryAccuracy"},
    REGRESSION: set[str](),
}


def message(config: Config, logs: Mapping[str, float]) -> str | None:
    """Advice for a model at chance level.

    None for one that has learned, or whose accuracy is not a metric. `logs`: the metrics of the last epoch.
    """
    kind = config.data.kind
    name = next((each.config["name"] for each in config.metrics if each.class_name in ACCURACIES[kind]), "")
    accuracy, chance = logs.get(name, 1.0), _chance_level(config)
    if accuracy > chance + MARGIN:
        return None
    return (
        f"This model predicts no better than chance: {100 * accuracy:.1f} % of the training images are right, and "
        f"always predicting the same label gets about {100 * chance:.0f} %. {_advice(config, logs['learning_rate'])}"
    )


def _chance_level(config: Config) -> float:
    """The accuracy of always predicting the most common label.

    All digits count as equally common.
    """
    if config.data.kind != BINARY:
        return 1 / CLASSES
    positive = len(config.data.positive) / CLASSES
    return max(positive, 1 - positive)


def _advice(config: Config, rate: float) -> str:
    name = config.optimizer.class_name
    default = OPTIMIZERS.model(name).model_fields["learning_rate"].default
    if math.isclose(rate, default, rel_tol=1e-6):  # in training it is a float32
        return "Try more epochs, activation: relu in the hidden layers, or another optimizer"
    return f"The learning rate ({rate:g} at the end) is probably the reason; the default of {name} is {default:g}"
