"""Regularizers; add a penalty on the weights w to the loss."""

from typing import Annotated, Literal

from mnist_pipeline.config.keras.spec import KerasSpec, Registry
from mnist_pipeline.config.keras.types import NonNegative


def L1(l1: NonNegative = 0.01) -> None:
    """Penalty l1 * sum(|w|)."""


def L2(l2: NonNegative = 0.01) -> None:
    """Penalty l2 * sum(w^2)."""


def L1L2(l1: NonNegative = 0.0, l2: NonNegative = 0.0) -> None:
    """Penalty l1 * sum(|w|) + l2 * sum(w^2)."""


def OrthogonalRegularizer(factor: NonNegative = 0.01, mode: Literal["rows", "columns"] = "rows") -> None:
    """Penalty on rows or columns that are not orthogonal to each other."""


REGULARIZERS = Registry("regularizer", "regularizers", dict(vars()), {"l1l2": "L1L2"})
Regularizer = Annotated[KerasSpec, REGULARIZERS] | None
