"""How the learning rate changes while training: Keras' learning-rate schedules."""

from typing import Annotated

from pydantic import Field, Tag

from mnist_pipeline.config.keras.spec import KerasSpec, Registry
from mnist_pipeline.config.keras.types import Either, Fraction, NonNegative, Positive, Steps, StepsOrNone


def CosineDecay(
    initial_learning_rate: NonNegative, decay_steps: Steps, alpha: Fraction = 0.0,
    warmup_target: Positive | None = None, warmup_steps: StepsOrNone = 0,
) -> None:  # fmt: skip
    """Falls along half a cosine, after a linear rise to warmup_target if there is one (Loshchilov and Hutter 2016)."""


def CosineDecayRestarts(
    initial_learning_rate: Positive, first_decay_steps: Steps, t_mul: Positive = 2.0, m_mul: Positive = 1.0,
    alpha: Fraction = 0.0,
) -> None:  # fmt: skip
    """Falls along half a cosine, again and again, each time t_mul longer (SGDR; Loshchilov and Hutter 2016)."""


def ExponentialDecay(
    initial_learning_rate: Positive, decay_steps: Steps, decay_rate: Positive, staircase: bool = False
) -> None:
    """Multiplied by decay_rate every decay_steps: smoothly, or with staircase: true in steps."""


def InverseTimeDecay(
    initial_learning_rate: Positive, decay_steps: Steps, decay_rate: Positive, staircase: bool = False
) -> None:
    """Divided by 1 + decay_rate * steps / decay_steps."""


def PiecewiseConstantDecay(
    boundaries: Annotated[list[Steps], Field(min_length=1)], values: Annotated[list[Positive], Field(min_length=2)]
) -> None:
    """One value up to each boundary, another after it: values has one entry more than boundaries."""


def PolynomialDecay(
    initial_learning_rate: Positive, decay_steps: Steps, end_learning_rate: NonNegative = 0.0001,
    power: Positive = 1.0, cycle: bool = False,
) -> None:  # fmt: skip
    """Falls to end_learning_rate along a polynomial; a straight line for power 1."""


SCHEDULES = Registry("learning-rate schedule", "optimizers.schedules", dict(vars()))
Schedule = Annotated[KerasSpec, SCHEDULES]
LearningRate = Annotated[Annotated[Positive, Tag("number")] | Annotated[Schedule, Tag("mapping")], Either]
