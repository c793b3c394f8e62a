"""Output shape and number of parameters of a layer, as in Keras.

Tested against Keras. The catalog names the rule of each layer beside its signature. Layers with sliding windows:
`windows`; with branches: `merging`.
"""

import math

from mnist_pipeline.config.keras.spec import KerasSpec
from mnist_pipeline.config.shapes.shape import (
    Shape,
    ShapeError,
    ShapeRule,
    axis_positions,
    format_shape,
    pair,
    require_rank,
)


def unchanged(_layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    """The shape of the input, without parameters."""
    return shape, 0


def sequence(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    """Unchanged, and only for sequences (steps, channels)."""
    require_rank(layer, shape, 2)
    return shape, 0


def image(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    """Unchanged, and only for images (height, width, channels)."""
    require_rank(layer, shape, 3)
    return shape, 0


def perspective(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    """Unchanged, and only for images of at least 2 x 2 pixels."""
    require_rank(layer, shape, 3)
    if min(shape[:2]) < 2:
        raise ShapeError(_too_few_pixels(layer, shape))
    return shape, 0


def dense(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    """A kernel over the last axis."""
    units, bias = layer.config["units"], layer.config["use_bias"]
    return (*shape[:-1], units), (shape[-1] + bias) * units


# Global and adaptive pooling


def global_pooling(rank: int) -> ShapeRule:
    """One value for each channel, of inputs of `rank` axes."""

    def rule(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
        require_rank(layer, shape, rank)
        return ((1,) * (rank - 1) if layer.config["keepdims"] else ()) + shape[-1:], 0

    return rule


def adaptive_average_pooling(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    """Height and width are the argument `output_size`."""
    require_rank(layer, shape, 3)
    return (*pair(layer.config["output_size"]), shape[-1]), 0


def adaptive_max_pooling(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    """The same; sides of 1 make TensorFlow divide by zero, which ends the process."""
    output, _ = adaptive_average_pooling(layer, shape)
    if 1 in output[:2]:
        raise ShapeError(
            f"{layer.class_name}: output_size has to be at least 2, received {layer.config['output_size']}. "
            "Use GlobalMaxPooling2D"
        )
    if 1 in shape[:2]:
        raise ShapeError(_too_few_pixels(layer, shape))
    return output, 0


def _too_few_pixels(layer: KerasSpec, shape: Shape) -> str:
    fix = "Put it before the layers that make the image smaller"
    return f"{layer.class_name} expects at least 2 x 2 pixels, received {format_shape(shape)}. {fix}"


# Normalization and activations


def scaled_along_axes(statistics: int) -> ShapeRule:
    """A scale, a shift and `statistics` more for each position along the axes."""

    def rule(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
        size = math.prod(shape[axis] for axis in axis_positions(layer, shape))
        return shape, size * (layer.config["center"] + layer.config["scale"] + statistics)

    return rule


def group_normalization(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    """A scale and a shift for each channel; the groups divide the channels."""
    (axis,), groups = axis_positions(layer, shape), layer.config["groups"]
    if shape[axis] % groups:
        raise ShapeError(
            f"{layer.class_name}: groups: {groups} does not divide the {shape[axis]} channels. The largest possible is "
            f"groups: {math.gcd(shape[axis], groups)}"
        )
    return scaled_along_axes(0)(layer, shape)


def rms_normalization(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    """A scale for each channel: Keras normalizes along any axis, but scales the last."""
    if axis_positions(layer, shape) != [len(shape) - 1]:
        raise ShapeError(
            f"{layer.class_name}: axis: {layer.config['axis']}: Keras scales the last axis only. Use axis: -1"
        )
    return shape, shape[-1]


def along_axes(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    """Unchanged; the layer's axes have to exist."""
    axis_positions(layer, shape)
    return shape, 0


def parametric_relu(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    """A slope for each value, or one along each shared axis."""
    axes = layer.config["shared_axes"]
    shared = [] if axes is None else axes if isinstance(axes, list) else [axes]
    if not all(1 <= axis <= len(shape) for axis in shared):
        raise ShapeError(
            f"{layer.class_name}: shared_axes: {axes}: expected axes from 1 to {len(shape)} of {format_shape(shape)}"
        )
    return shape, math.prod(size for axis, size in enumerate(shape, 1) if axis not in shared)


# Reshaping and resizing


def flattened(_layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    """All values in one row."""
    return (math.prod(shape),), 0


def reshaped(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    """The argument `target_shape`, -1 filled in."""
    target, values = layer.config["target_shape"], math.prod(shape)
    product = math.prod(size for size in target if size != -1)
    if target.count(-1) > 1 or product < 1 or (values % product if -1 in target else values != product):
        raise ShapeError(
            f"{layer.class_name}: target_shape: {target} does not fit {format_shape(shape)}. The product of its sizes "
            f"has to be {values}; one of them may be -1, which is then inferred"
        )
    return tuple(values // product if size == -1 else size for size in target), 0


def permuted(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    """The axes in the order `dims`."""
    dims = layer.config["dims"]
    if sorted(dims) != list(range(1, len(shape) + 1)):
        raise ShapeError(
            f"{layer.class_name}: dims: {dims}: expected each axis from 1 to {len(shape)} of {format_shape(shape)} once"
        )
    return tuple(shape[axis - 1] for axis in dims), 0


def padded(name: str, sign: int) -> ShapeRule:
    """A border, added (`sign` 1) or cut off (-1).

    Its size is the argument `name`: n, [h, w] or [[top, bottom], [left, right]].
    """

    def rule(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
        require_rank(layer, shape, 3)
        border = [sum(pair(side)) for side in pair(layer.config[name])]
        return (*(size + sign * width for size, width in zip(shape[:-1], border, strict=True)), shape[-1]), 0

    return rule


def resized(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    """The arguments `height` and `width`."""
    require_rank(layer, shape, 3)
    return (layer.config["height"], layer.config["width"], shape[-1]), 0


def upsampled(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    """Height and width times the argument `size`."""
    require_rank(layer, shape, 3)
    height, width = pair(layer.config["size"])
    return (shape[0] * height, shape[1] * width, shape[2]), 0
