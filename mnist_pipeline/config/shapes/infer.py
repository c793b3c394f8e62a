"""Output shapes and numbers of parameters of a network, computed without Keras.

`mnist check` shows a network, and reports layers that do not fit, without starting TensorFlow.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mnist_pipeline.config.keras.catalog.layers import LAYER_TRAITS
from mnist_pipeline.config.keras.spec import KerasSpec
from mnist_pipeline.config.shapes.shape import Shape, ShapeError, ShapeRule, format_shape

INPUT_SHAPE: Shape = (28, 28, 1)


@dataclass(frozen=True)
class LayerShape:
    """A layer, its path, its output shape, and its number of parameters."""

    path: tuple[str | int, ...]
    layer: KerasSpec
    shape: Shape
    params: int


def infer_shapes(
    layers: list[KerasSpec], shape: Shape = INPUT_SHAPE, below: tuple[str | int, ...] = ()
) -> Iterator[LayerShape]:
    """Every layer, those inside branches included, in the order of building.

    Raises ShapeError where a layer does not fit.
    """
    for index, layer in enumerate(layers):
        path, params = (*below, index, layer.class_name), 0
        traits = LAYER_TRAITS[layer.class_name]
        if traits.merge:
            outputs = []
            for number, branch in enumerate(layer.config["branches"]):
                rows = list(infer_shapes(branch, shape, (*path, "branches", number)))
                yield from rows
                outputs.append(rows[-1].shape if rows else shape)
            shape = _with_path(path, traits.merge, layer, outputs)
        else:
            shape, params = _with_path(path, _apply, traits.shape, layer, shape)
        yield LayerShape(path, layer, shape, params)


def _apply(rule: ShapeRule, layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    output, params = rule(layer, shape)
    if any(size < 1 for size in output):
        fix = "Crop less" if "cropping" in layer.config else "Use a smaller window, or padding: same"
        raise ShapeError(f"{layer.class_name}: its output would be empty, received {format_shape(shape)}. {fix}")
    return output, params


def _with_path(path: tuple[str | int, ...], function: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except ShapeError as error:
        raise ShapeError(str(error), path) from None
