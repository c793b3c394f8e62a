"""Rules about the optimizer: clipping, learning-rate schedules, learning rates."""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from mnist_pipeline.config.keras.catalog.optimizers import OPTIMIZERS
from mnist_pipeline.config.keras.spec import KerasSpec
from mnist_pipeline.config.keras.types import Epochs
from mnist_pipeline.config.lint.finding import Finding, error, warning
from mnist_pipeline.config.schema import Training
from mnist_pipeline.config.yaml.document import KeyPath

RATE_REASON = "each step changes every weight by about the learning rate, and the weights start at about 0.05"
GRADIENT_REASON = "each step is the learning rate times the gradient, and overshoots the minimum"
# The step of an n x m kernel is an orthogonalized matrix times 0.2 * sqrt(max(n, m)): about 0.2 for each weight.
MUON_REASON = "each step changes every weight by about 0.2 times the learning rate, and weights start at about 0.05"
NORM_REASON = "each step changes the weights of a layer by about the learning rate times their norm"

# Above these rates an optimizer learns little or nothing, and why: measured with 784-128-10 on 4,000 images, five
# epochs of batches of 100. Adam reaches 98 % with 0.03, 86 % with 0.1, 28 % with 0.3, 18 % with 1; SGD 96 % with 1 and
# 10 % with 3; Adagrad 97 % with 0.3 and 10 % with 1; Ftrl 96 % and 21 %; Lion 79 % with 0.03 and 16 % with 0.1; Lamb
# 92 % and 10 %; Muon 94 % with 0.3 and 76 % with 1. Adadelta learns with 10, and Adafactor scales its rate by itself.
MAX_LEARNING_RATES: dict[str, tuple[float, str]] = {
    **dict.fromkeys(("Adam", "AdamW", "Adamax", "Nadam", "RMSprop"), (0.1, RATE_REASON)),
    "ScheduleFreeAdamW": (0.3, RATE_REASON),
    "Muon": (0.3, MUON_REASON),
    "Lion": (0.03, RATE_REASON),
    "Lamb": (0.05, NORM_REASON),
    "Adagrad": (0.5, RATE_REASON),
    "Ftrl": (0.5, RATE_REASON),
    "SGD": (1.0, GRADIENT_REASON),
}


def gradients_are_clipped_once(optimizer: KerasSpec) -> Iterator[Finding]:
    """Keras clips gradients in one way."""
    names = [name for name in ("clipnorm", "clipvalue", "global_clipnorm") if optimizer.config[name] is not None]
    if len(names) > 1:
        message = f"Keras clips gradients in one way, received {' and '.join(names)}. Keep one of them"
        yield error(("optimizer", optimizer.class_name, names[-1]), message)


def schedule_fits(optimizer: KerasSpec, training: Training) -> Iterator[Finding]:
    """A schedule has all that it needs, and does not reach zero before the end."""
    schedule = optimizer.config["learning_rate"]
    if isinstance(schedule, KerasSpec):
        path = ("optimizer", optimizer.class_name, "learning_rate", schedule.class_name)
        if schedule.class_name == "PiecewiseConstantDecay":
            yield from _boundaries_fit(path, schedule.config)
        if schedule.class_name == "CosineDecay":
            yield from _cosine_fits(path, schedule.config, training)


def _boundaries_fit(path: KeyPath, config: dict[str, Any]) -> Iterator[Finding]:
    boundaries, values = config["boundaries"], config["values"]
    if len(values) != len(boundaries) + 1:
        message = f"expected {len(boundaries) + 1} values, one more than boundaries, received {len(values)}"
        yield error((*path, "values"), message)
    elif len({type(boundary) for boundary in boundaries}) > 1:
        yield error((*path, "boundaries"), "expected all boundaries in steps, or all in epochs, received both")
    elif any(_length(after) <= _length(before) for before, after in pairwise(boundaries)):
        yield error((*path, "boundaries"), f"expected increasing boundaries, received {boundaries}")


def _cosine_fits(path: KeyPath, config: dict[str, Any], training: Training) -> Iterator[Finding]:
    length = config["decay_steps"]
    if config["warmup_steps"] and config["warmup_target"] is None:
        yield error((*path, "warmup_steps"), "a warmup needs warmup_target: the learning rate to rise to")
    elif config["alpha"] or config["warmup_steps"]:
        return
    elif isinstance(length, Epochs) and length.number < training.epochs:
        message = f"the learning rate is 0 after {length}, but training has {training.epochs} epochs"
        yield warning((*path, "decay_steps"), f"{message}. Write decay_steps: {training.epochs} epochs")


def _length(steps: int | Epochs) -> float:
    return steps.number if isinstance(steps, Epochs) else steps


def learning_rate_is_reasonable(optimizer: KerasSpec) -> Iterator[Finding]:
    """The learning rate is not far above what the optimizer can learn with."""
    name, rate = optimizer.class_name, max(_rates(optimizer.config["learning_rate"]))
    maximum, reason = MAX_LEARNING_RATES.get(name, (math.inf, ""))
    if rate > maximum:
        default = OPTIMIZERS.model(name).model_fields["learning_rate"].default
        message = f"a learning rate of {rate:g} is too high for {name}: {reason}. Keras' default is {default}"
        yield warning(("optimizer", name, "learning_rate"), message)


def _rates(rate: float | KerasSpec) -> Iterator[float]:
    """The learning rate, or those that a schedule names."""
    if isinstance(rate, KerasSpec):
        yield from rate.config.get("values", [])
        yield from (rate.config.get(name) or 0.0 for name in ("initial_learning_rate", "warmup_target"))
    else:
        yield rate
