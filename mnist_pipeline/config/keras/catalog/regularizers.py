"""What keeps weights small: Keras' regularizers add to the loss."""

from typing import Annotated, Literal

from mnist_pipeline.config.keras.spec import KerasSpec, Registry
from mnist_pipeline.config.keras.types import NonNegative


def L1(l1: NonNegative = 0.01) -> None:
    """Adds l1 times the sum of the absolute weights to the loss."""


def L2(l2: NonNegative = 0.01) -> None:
    """Adds l2 times the sum of the squared weights to the loss."""


def L1L2(l1: NonNegative = 0.0, l2: NonNegative = 0.0) -> None:
    """L1 and L2 together."""


def OrthogonalRegularizer(factor: NonNegative = 0.01, mode: Literal["rows", "columns"] = "rows") -> None:
    """Keeps rows or columns of the weights at right angles."""


REGULARIZERS = Registry("regularizer", "regularizers", dict(vars()), {"l1l2": "L1L2"})
Regularizer = Annotated[KerasSpec, REGULARIZERS] | None
