"""Keras' learning-rate schedules, with lengths in epochs converted to steps."""

from dataclasses import replace
from typing import Any

from mnist_pipeline.config.keras.spec import KerasSpec
from mnist_pipeline.config.keras.types import Epochs
from mnist_pipeline.framework import keras


def with_steps(optimizer: KerasSpec, steps_per_epoch: int) -> KerasSpec:
    """`optimizer` whose schedule counts steps.

    `decay_steps: 10 epochs` becomes 3750 of them, for example.
    """
    converted: KerasSpec = _convert(optimizer, steps_per_epoch)
    return converted


def learning_rate(model: keras.Model) -> float:
    """The learning rate of the last step, or of the first before any.

    Keras itself returns that of the next step.
    """
    rate = model.optimizer.get_config()["learning_rate"]
    if isinstance(rate, float):
        return rate
    # `optimizer.iterations` leaves out steps that only accumulate gradients; the schedule counts them.
    steps = next(each for each in model.optimizer.variables if each.name == "iteration")
    return float(keras.optimizers.schedules.deserialize(rate)(max(0, int(steps.numpy()) - 1)))


def _convert(value: Any, steps_per_epoch: int) -> Any:
    match value:
        case KerasSpec():
            config = {name: _convert(each, steps_per_epoch) for name, each in value.config.items()}
            return replace(value, config=config)
        case Epochs():
            return max(1, round(value.number * steps_per_epoch))
        case list():
            return [_convert(each, steps_per_epoch) for each in value]
    return value
