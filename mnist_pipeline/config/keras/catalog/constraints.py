"""What weights may not exceed: Keras' constraints act after every step."""

from typing import Annotated

from mnist_pipeline.config.keras.spec import KerasSpec, Registry
from mnist_pipeline.config.keras.types import Axes, Fraction, NonNegative, Positive


def MaxNorm(max_value: Positive = 2, axis: Axes = 0) -> None:
    """No unit's weights get longer than max_value: a good partner of dropout (Srivastava et al. 2014)."""


def MinMaxNorm(min_value: NonNegative = 0.0, max_value: Positive = 1.0, rate: Fraction = 1.0, axis: Axes = 0) -> None:
    """The length of each unit's weights stays between two values."""


def NonNeg() -> None:
    """No weight gets below zero."""


def UnitNorm(axis: Axes = 0) -> None:
    """Each unit's weights have length 1."""


CONSTRAINTS = Registry("constraint", "constraints", dict(vars()))
Constraint = Annotated[KerasSpec, CONSTRAINTS] | None
