"""The shapes and weights of a whole network, without Keras.

`mnist check` shows a network and finds shapes that do not fit without waiting for TensorFlow.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mnist_pipeline.config.keras.spec import KerasSpec
from mnist_pipeline.config.shapes.rules import SHAPE_RULES, Shape, ShapeError, format_shape, only_axis

INPUT: Shape = (28, 28, 1)
MERGING = ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate")

__all__ = [
    "INPUT",
    "MERGING",
    "SHAPE_RULES",
    "LayerShape",
    "Shape",
    "ShapeError",
    "format_shape",
    "infer_shapes",
    "merge",
    "pass_through",
]


@dataclass(frozen=True)
class LayerShape:
    """One layer of a network: `shape` is what comes out, without the batch; `weights` counts all it holds."""

    path: tuple[str | int, ...]
    layer: KerasSpec
    shape: Shape
    weights: int


def infer_shapes(
    layers: list[KerasSpec], shape: Shape = INPUT, below: tuple[str | int, ...] = ()
) -> Iterator[LayerShape]:
    """A row for each layer, those inside branches included, in the order in which they are built.

    Raises ShapeError where a layer does not fit.
    """
    for index, layer in enumerate(layers):
        path = (*below, index, layer.class_name)
        weights = 0
        if layer.class_name in MERGING:
            ends = []
            for number, branch in enumerate(layer.config["branches"]):
                rows = list(infer_shapes(branch, shape, (*path, "branches", number)))
                yield from rows
                ends.append(rows[-1].shape if rows else shape)
            shape = _located(path, merge, layer, ends)
        else:
            shape, weights = _located(path, pass_through, layer, shape)
        yield LayerShape(path, layer, shape, weights)


def pass_through(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    """What comes out of one layer, and how many weights it has. Raises ShapeError."""
    rule = SHAPE_RULES.get(layer.class_name)
    out, weights = rule(layer, shape) if rule else (shape, 0)
    if any(size < 1 for size in out):
        raise ShapeError(f"{layer.class_name} has nothing left to look at: it is given {format_shape(shape)}")
    return out, weights


def merge(layer: KerasSpec, shapes: list[Shape]) -> Shape:
    """What comes out of branches with these shapes. Raises ShapeError."""
    if layer.class_name == "Subtract" and len(shapes) != 2:
        raise ShapeError(f"Subtract needs two branches, not {len(shapes)}")
    if len({len(shape) for shape in shapes}) > 1:
        raise _misfit(layer, shapes)
    if layer.class_name == "Concatenate":
        axis = only_axis(layer, shapes[0])
        joined = sum(shape[axis] for shape in shapes)
        ends = {(*shape[:axis], joined, *shape[axis + 1 :]) for shape in shapes}
        if len(ends) > 1:
            raise _misfit(layer, shapes)
        return ends.pop()
    # Where one branch has a single row, column or channel, it stands for as many as the others have.
    if any(len(set(sizes) - {1}) > 1 for sizes in zip(*shapes, strict=True)):
        raise _misfit(layer, shapes)
    return tuple(max(sizes) for sizes in zip(*shapes, strict=True))


def _misfit(layer: KerasSpec, shapes: list[Shape]) -> ShapeError:
    return ShapeError(
        f"{layer.class_name} needs branches of one shape; these give {', '.join(map(format_shape, shapes))}"
    )


def _located(path: tuple[str | int, ...], function: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except ShapeError as error:
        raise ShapeError(str(error), path) from None
