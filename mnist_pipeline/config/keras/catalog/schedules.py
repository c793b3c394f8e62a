"""Learning-rate schedules; compute the learning rate of each step."""

from typing import Annotated

from pydantic import Field, Tag

from mnist_pipeline.config.keras.spec import KerasSpec, Registry
from mnist_pipeline.config.keras.types import Either, Fraction, NonNegative, Positive, Steps, StepsOrNone


def CosineDecay(
    initial_learning_rate: NonNegative, decay_steps: Steps, alpha: Fraction = 0.0,
    warmup_target: Positive | None = None, warmup_steps: StepsOrNone = 0,
) -> None:  # fmt: skip
    """Half a cosine, after an optional linear warmup to warmup_target (Loshchilov and Hutter 2016)."""


def CosineDecayRestarts(
    initial_learning_rate: Positive, first_decay_steps: Steps, t_mul: Positive = 2.0, m_mul: Positive = 1.0,
    alpha: Fraction = 0.0,
) -> None:  # fmt: skip
    """Half a cosine, restarted, each time t_mul times as long (SGDR; Loshchilov and Hutter 2016)."""


def ExponentialDecay(
    initial_learning_rate: Positive, decay_steps: Steps, decay_rate: Positive, staircase: bool = False
) -> None:
    """Exponential decay: initial_learning_rate * decay_rate ^ (step / decay_steps)."""


def InverseTimeDecay(
    initial_learning_rate: Positive, decay_steps: Steps, decay_rate: Positive, staircase: bool = False
) -> None:
    """Inverse time decay: initial_learning_rate / (1 + decay_rate*step/decay_steps)."""


def PiecewiseConstantDecay(
    boundaries: Annotated[list[Steps], Field(min_length=1)], values: Annotated[list[Positive], Field(min_length=2)]
) -> None:
    """Constant between boundaries; `values` has one entry more than `boundaries`."""


def PolynomialDecay(
    initial_learning_rate: Positive, decay_steps: Steps, end_learning_rate: NonNegative = 0.0001,
    power: Positive = 1.0, cycle: bool = False,
) -> None:  # fmt: skip
    """Polynomial from initial_learning_rate to end_learning_rate; power: 1 is linear."""


SCHEDULES = Registry("learning-rate schedule", "optimizers.schedules", dict(vars()))
Schedule = Annotated[KerasSpec, SCHEDULES]
LearningRate = Annotated[Annotated[Positive, Tag("number")] | Annotated[Schedule, Tag("mapping")], Either]
