"""What fits together around the optimizer: its arguments, its learning rate, the callbacks that work on it."""

import math
from collections.abc import Iterator

from mnist_pipeline.config.keras.catalog.optimizers import OPTIMIZERS
from mnist_pipeline.config.keras.spec import KerasSpec
from mnist_pipeline.config.keras.types import Epochs
from mnist_pipeline.config.lint.finding import Finding, error, warning
from mnist_pipeline.config.schema import Training

BY_RATE = "each step moves every weight by about the learning rate, and the weights begin at about 0.05"
BY_GRADIENT = "each step is the learning rate times the gradient, and goes far beyond the lowest point"
BY_LENGTH = "each step changes the weights of a layer by about the learning rate times their length"

# Beyond these rates an optimizer learns badly or nothing, and why: measured with 784-128-10 on 4,000 images, five
# epochs of batches of 100. Adam reaches 98 % with 0.03, 86 % with 0.1, 28 % with 0.3, 18 % with 1; SGD 96 % with 1 and
# 10 % with 3; Adagrad 97 % with 0.3 and 10 % with 1; Ftrl 96 % and 21 %; Lion 79 % with 0.03 and 16 % with 0.1; Lamb
# 92 % and 10 %; Muon 94 % with 0.3 and 76 % with 1. Adadelta learns with 10, and Adafactor scales its rate by itself.
MAX_LEARNING_RATES: dict[str, tuple[float, str]] = {
    **dict.fromkeys(("Adam", "AdamW", "Adamax", "Nadam", "RMSprop"), (0.1, BY_RATE)),
    "ScheduleFreeAdamW": (0.3, BY_RATE),
    "Muon": (0.3, BY_LENGTH),
    "Lion": (0.03, BY_RATE),
    "Lamb": (0.05, BY_LENGTH),
    "Adagrad": (0.5, BY_RATE),
    "Ftrl": (0.5, BY_RATE),
    "SGD": (1.0, BY_GRADIENT),
}


def callbacks_fit_optimizer(callbacks: list[KerasSpec], optimizer: KerasSpec) -> Iterator[Finding]:
    """A callback can do its work with this optimizer."""
    for index, callback in enumerate(callbacks):
        path = ("callbacks", index, callback.class_name)
        if callback.class_name == "ReduceLROnPlateau" and isinstance(optimizer.config["learning_rate"], KerasSpec):
            yield error(path, "a learning rate with a schedule cannot be reduced on a plateau too. Keep one of them")
        if callback.class_name == "SwapEMAWeights" and not optimizer.config["use_ema"]:
            yield error(path, f"there is no moving average to swap in. Give {optimizer.class_name} use_ema: true")


def gradients_are_clipped_once(optimizer: KerasSpec) -> Iterator[Finding]:
    """Keras clips gradients in one way."""
    given = [name for name in ("clipnorm", "clipvalue", "global_clipnorm") if optimizer.config[name] is not None]
    if len(given) > 1:
        path = ("optimizer", optimizer.class_name, given[-1])
        yield error(path, f"gradients are clipped in one way; here stand {' and '.join(given)}")


def schedule_fits(optimizer: KerasSpec, training: Training) -> Iterator[Finding]:
    """The learning rate does not reach zero long before the end."""
    schedule = optimizer.config["learning_rate"]
    if not isinstance(schedule, KerasSpec):
        return
    path = ("optimizer", optimizer.class_name, "learning_rate", schedule.class_name)
    config = schedule.config
    if schedule.class_name == "PiecewiseConstantDecay":
        if len(config["values"]) != len(config["boundaries"]) + 1:
            yield error((*path, "values"), "needs one value more than there are boundaries")
        elif len({type(boundary) for boundary in config["boundaries"]}) > 1:
            yield error((*path, "boundaries"), "count all boundaries in steps, or all in epochs")
        elif [_length(each) for each in config["boundaries"]] != sorted({_length(e) for e in config["boundaries"]}):
            yield error((*path, "boundaries"), "each boundary has to lie beyond the one before it")
    if schedule.class_name == "CosineDecay" and config["warmup_steps"] and config["warmup_target"] is None:
        yield error((*path, "warmup_steps"), "the learning rate rises to warmup_target, and that is missing")
        return
    length = config.get("decay_steps")
    ends_at_zero = schedule.class_name == "CosineDecay" and config["alpha"] == 0
    if ends_at_zero and isinstance(length, Epochs) and config["warmup_steps"] == 0 and length.number < training.epochs:
        message = f"the learning rate is 0 after {length}, and training goes on for {training.epochs}"
        yield warning((*path, "decay_steps"), message)


def _length(steps: int | Epochs) -> float:
    return steps.number if isinstance(steps, Epochs) else steps


def learning_rate_is_wise(optimizer: KerasSpec) -> Iterator[Finding]:
    """The learning rate is not far beyond what the optimizer can learn with."""
    name, rate = optimizer.class_name, max(_rates(optimizer.config["learning_rate"]))
    largest, reason = MAX_LEARNING_RATES.get(name, (math.inf, ""))
    if rate > largest:
        usual = OPTIMIZERS.model(name).model_fields["learning_rate"].default
        message = f"a learning rate of {rate:g} is too large for {name}: {reason}. The usual one is {usual}"
        yield warning(("optimizer", name, "learning_rate"), message)


def _rates(rate: float | KerasSpec) -> Iterator[float]:
    """The rate, or the highest that a schedule names."""
    if isinstance(rate, KerasSpec):
        yield from rate.config.get("values", [])
        yield from (rate.config.get(name) or 0.0 for name in ("initial_learning_rate", "warmup_target"))
    else:
        yield rate
