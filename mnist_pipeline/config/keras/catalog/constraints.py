"""Constraints; limit the weights after every step."""

from typing import Annotated

from mnist_pipeline.config.keras.spec import KerasSpec, Registry
from mnist_pipeline.config.keras.types import Axes, Fraction, NonNegative, Positive


def MaxNorm(max_value: Positive = 2, axis: Axes = 0) -> None:
    """Limits the norm of each unit's weights; often combined with dropout (Srivastava et al. 2014)."""


def MinMaxNorm(min_value: NonNegative = 0.0, max_value: Positive = 1.0, rate: Fraction = 1.0, axis: Axes = 0) -> None:
    """Keeps the norm of each unit's weights between two values."""


def NonNeg() -> None:
    """Keeps the weights at zero or above."""


def UnitNorm(axis: Axes = 0) -> None:
    """Keeps the norm of each unit's weights at 1."""


CONSTRAINTS = Registry("constraint", "constraints", dict(vars()))
Constraint = Annotated[KerasSpec, CONSTRAINTS] | None
