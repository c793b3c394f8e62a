"""Shapes without the batch axis, and the error of a layer that does not fit."""

from collections.abc import Callable
from typing import Any

from mnist_pipeline.config.keras.spec import KerasSpec

Shape = tuple[int, ...]
ShapeRule = Callable[[KerasSpec, Shape], tuple[Shape, int]]
"""(layer, input shape) -> (output shape, number of parameters). Raises ShapeError."""
MergeRule = Callable[[KerasSpec, list[Shape]], Shape]
"""(layer, output shape of each branch) -> output shape. Raises ShapeError."""

RANKS = {2: "a sequence (steps, channels)", 3: "an image (height, width, channels)"}
RANK_FIXES = {2: "Put a Reshape before it", 3: "Put it before Flatten, or a Reshape before it"}


class ShapeError(Exception):
    """A layer does not fit its input. `path`: its keys below the list of layers."""

    def __init__(self, message: str, path: tuple[str | int, ...] = ()) -> None:
        """`message` is for the user."""
        super().__init__(message)
        self.path = path


def format_shape(shape: Shape) -> str:
    """A shape as Keras prints it: `(28, 28, 1)`, `(10,)`."""
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def pair(value: Any) -> tuple[Any, Any]:
    """(height, width) of an argument that is one value for both, or a list of two."""
    return tuple(value) if isinstance(value, list) else (value, value)


def require_rank(layer: KerasSpec, shape: Shape, rank: int) -> None:
    """Raise ShapeError unless `shape` has `rank` axes: 2 (sequence) or 3 (image)."""
    if len(shape) != rank:
        expected = f"{layer.class_name} expects {RANKS[rank]}, received {format_shape(shape)}"
        raise ShapeError(f"{expected}. {RANK_FIXES[rank]}")


def axis_positions(layer: KerasSpec, shape: Shape) -> list[int]:
    """Positions in `shape` of the layer's axes, which count the batch as axis 0.

    Raises ShapeError for an axis that does not exist, or comes twice.
    """
    axes = layer.config["axis"] if isinstance(layer.config["axis"], list) else [layer.config["axis"]]
    positions = [axis + len(shape) if axis < 0 else axis - 1 for axis in axes]
    if len(set(positions)) < len(axes) or not all(0 <= position < len(shape) for position in positions):
        raise ShapeError(
            f"{layer.class_name}: axis: {', '.join(map(str, axes))}: expected axes from 1 to {len(shape)} of "
            f"{format_shape(shape)}, each once"
        )
    return positions
