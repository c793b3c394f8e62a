"""What comes out of each layer, and how many weights it has: Keras' arithmetic, without Keras.

`mnist check` shows a network and finds shapes that do not fit without waiting for TensorFlow. A test holds every
layer of the catalog against Keras itself.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mnist_pipeline.config.objects import KerasObject

Shape = tuple[int, ...]

INPUT: Shape = (28, 28, 1)
MERGING = ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate")


class ShapeError(Exception):
    """A layer cannot work on what it is given. `path`: where the layer stands, below the list of layers."""

    def __init__(self, message: str, path: tuple[str | int, ...] = ()) -> None:
        """`message` is for the user."""
        super().__init__(message)
        self.path = path


@dataclass(frozen=True)
class Row:
    """One layer of a network: `shape` is what comes out, without the batch; `weights` counts all it holds."""

    path: tuple[str | int, ...]
    layer: KerasObject
    shape: Shape
    weights: int


def summary(layers: list[KerasObject], shape: Shape = INPUT, below: tuple[str | int, ...] = ()) -> Iterator[Row]:
    """A row for each layer, those inside branches included, in the order in which they are built.

    Raises ShapeError where a layer does not fit.
    """
    for index, layer in enumerate(layers):
        path = (*below, index, layer.class_name)
        weights = 0
        if layer.class_name in MERGING:
            ends = []
            for number, branch in enumerate(layer.config["branches"]):
                rows = list(summary(branch, shape, (*path, "branches", number)))
                yield from rows
                ends.append(rows[-1].shape if rows else shape)
            shape = _located(path, merge, layer, ends)
        else:
            shape, weights = _located(path, pass_through, layer, shape)
        yield Row(path, layer, shape, weights)


def pass_through(layer: KerasObject, shape: Shape) -> tuple[Shape, int]:
    """What comes out of one layer, and how many weights it has. Raises ShapeError."""
    rule = RULES.get(layer.class_name)
    out, weights = rule(layer, shape) if rule else (shape, 0)
    if any(size < 1 for size in out):
        raise ShapeError(f"{layer.class_name} has nothing left to look at: it is given {show(shape)}")
    return out, weights


def merge(layer: KerasObject, shapes: list[Shape]) -> Shape:
    """What comes out of branches with these shapes. Raises ShapeError."""
    if layer.class_name == "Subtract" and len(shapes) != 2:
        raise ShapeError(f"Subtract needs two branches, not {len(shapes)}")
    sizes = [list(shape) for shape in shapes]
    if layer.class_name == "Concatenate":
        axis = _axis(layer, shapes[0])
        joined = sum(size[axis] for size in sizes if len(size) > axis)
        for size in sizes:
            size[axis : axis + 1] = [joined]
    if any(size != sizes[0] for size in sizes):
        raise ShapeError(f"{layer.class_name} needs branches of one shape; these give {', '.join(map(show, shapes))}")
    return tuple(sizes[0])


def show(shape: Shape) -> str:
    """A shape in the way that Keras writes it, without the batch."""
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def _located(path: tuple[str | int, ...], function: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except ShapeError as error:
        raise ShapeError(str(error), path) from None


def _pair(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def _needs(layer: KerasObject, shape: Shape, rank: int) -> None:
    if len(shape) != rank:
        wanted = {2: "a sequence (steps, channels)", 3: "a picture (height, width, channels)"}[rank]
        mend = {2: "Put a Reshape before it", 3: "Put it before Flatten, or a Reshape before it"}[rank]
        raise ShapeError(f"{layer.class_name} needs {wanted} and is given {show(shape)}. {mend}")


def _axis(layer: KerasObject, shape: Shape) -> int:
    """The position in `shape` of the layer's axis, which counts the batch as axis 0."""
    axis: int = layer.config["axis"]
    position = axis + len(shape) if axis < 0 else axis - 1
    if not 0 <= position < len(shape):
        raise ShapeError(f"{layer.class_name}: axis {axis} is none of {show(shape)}")
    return position


def _windows(size: int, window: int, stride: int, padding: str) -> int:
    return math.ceil(size / stride) if padding != "valid" else (size - window) // stride + 1


def _slide(layer: KerasObject, shape: Shape, window: str) -> tuple[int, ...]:
    """Height and width, or length, after the layer's windows have passed."""
    config, rank = layer.config, len(shape) - 1
    windows = _pair(config[window])[:rank]
    strides = _pair(config["strides"] or config[window])[:rank]
    dilation = _pair(config.get("dilation_rate", 1))[:rank]
    if max(strides) > 1 and max(dilation) > 1:
        raise ShapeError(f"{layer.class_name}: strides and dilation_rate cannot both be larger than 1")
    spread = [(w - 1) * d + 1 for w, d in zip(windows, dilation, strict=True)]
    return tuple(
        _windows(size, w, s, config["padding"]) for size, w, s in zip(shape[:-1], spread, strides, strict=True)
    )


def _dense(layer: KerasObject, shape: Shape) -> tuple[Shape, int]:
    units, bias = layer.config["units"], layer.config["use_bias"]
    return (*shape[:-1], units), (shape[-1] + bias) * units


def _convolution(rank: int) -> Callable[[KerasObject, Shape], tuple[Shape, int]]:
    def rule(layer: KerasObject, shape: Shape) -> tuple[Shape, int]:
        _needs(layer, shape, rank)
        config, channels = layer.config, shape[-1]
        filters, groups = config["filters"], config["groups"]
        if channels % groups or filters % groups:
            raise ShapeError(
                f"{layer.class_name}: groups: {groups} has to divide the channels ({channels}) and filters ({filters})"
            )
        window = math.prod(_pair(config["kernel_size"])[: rank - 1])
        weights = window * (channels // groups) * filters + filters * config["use_bias"]
        return (*_slide(layer, shape, "kernel_size"), filters), weights

    return rule


def _transposed(layer: KerasObject, shape: Shape) -> tuple[Shape, int]:
    _needs(layer, shape, 3)
    config, filters = layer.config, layer.config["filters"]
    windows, strides = _pair(config["kernel_size"]), _pair(config["strides"])
    spread = [(w - 1) * d + 1 for w, d in zip(windows, _pair(config["dilation_rate"]), strict=True)]
    sizes = (
        size * stride + (max(w - stride, 0) if config["padding"] == "valid" else 0)
        for size, w, stride in zip(shape[:-1], spread, strides, strict=True)
    )
    return (*sizes, filters), (math.prod(windows) * shape[-1] + config["use_bias"]) * filters


def _depthwise(layer: KerasObject, shape: Shape) -> tuple[Shape, int]:
    _needs(layer, shape, 3)
    _square_strides(layer)
    channels = shape[-1] * layer.config["depth_multiplier"]
    weights = math.prod(_pair(layer.config["kernel_size"])) * channels
    return (*_slide(layer, shape, "kernel_size"), channels), weights + channels * layer.config["use_bias"]


def _separable(layer: KerasObject, shape: Shape) -> tuple[Shape, int]:
    _needs(layer, shape, 3)
    _square_strides(layer)
    config, filters = layer.config, layer.config["filters"]
    between = shape[-1] * config["depth_multiplier"]
    weights = math.prod(_pair(config["kernel_size"])) * between + (between + config["use_bias"]) * filters
    return (*_slide(layer, shape, "kernel_size"), filters), weights


def _square_strides(layer: KerasObject) -> None:
    height, width = _pair(layer.config["strides"])
    if height != width:
        raise ShapeError(f"{layer.class_name}: TensorFlow needs the same stride for height and width")


def _pooling(rank: int) -> Callable[[KerasObject, Shape], tuple[Shape, int]]:
    def rule(layer: KerasObject, shape: Shape) -> tuple[Shape, int]:
        _needs(layer, shape, rank)
        return (*_slide(layer, shape, "pool_size"), shape[-1]), 0

    return rule


def _global_pooling(rank: int) -> Callable[[KerasObject, Shape], tuple[Shape, int]]:
    def rule(layer: KerasObject, shape: Shape) -> tuple[Shape, int]:
        _needs(layer, shape, rank)
        return ((1,) * (rank - 1) if layer.config["keepdims"] else ()) + shape[-1:], 0

    return rule


def _sized(name: str) -> Callable[[KerasObject, Shape], tuple[Shape, int]]:
    """For layers whose argument `name` says the height and width that come out."""

    def rule(layer: KerasObject, shape: Shape) -> tuple[Shape, int]:
        _needs(layer, shape, 3)
        return (*_pair(layer.config[name]), shape[-1]), 0

    return rule


def _resized(layer: KerasObject, shape: Shape) -> tuple[Shape, int]:
    _needs(layer, shape, 3)
    return (layer.config["height"], layer.config["width"], shape[-1]), 0


def _upsampled(layer: KerasObject, shape: Shape) -> tuple[Shape, int]:
    _needs(layer, shape, 3)
    height, width = _pair(layer.config["size"])
    return (shape[0] * height, shape[1] * width, shape[2]), 0


def _framed(name: str, sign: int) -> Callable[[KerasObject, Shape], tuple[Shape, int]]:
    """For layers that add (`sign` 1) or cut off (-1) a frame of `name`: n, [h, w] or [[top, bottom], [left, right]]."""

    def rule(layer: KerasObject, shape: Shape) -> tuple[Shape, int]:
        _needs(layer, shape, 3)
        frame = [sum(_pair(side)) for side in _pair(layer.config[name])]
        return (*(size + sign * more for size, more in zip(shape[:-1], frame, strict=True)), shape[-1]), 0

    return rule


def _reshaped(layer: KerasObject, shape: Shape) -> tuple[Shape, int]:
    target, values = layer.config["target_shape"], math.prod(shape)
    known = math.prod(size for size in target if size != -1)
    if target.count(-1) > 1 or known < 1 or (values % known if -1 in target else values != known):
        raise ShapeError(f"Reshape cannot make {show(tuple(target))} of {show(shape)}, which has {values} values")
    return tuple(values // known if size == -1 else size for size in target), 0


def _permuted(layer: KerasObject, shape: Shape) -> tuple[Shape, int]:
    dims = layer.config["dims"]
    if sorted(dims) != list(range(1, len(shape) + 1)):
        raise ShapeError(f"Permute needs each of the axes 1 to {len(shape)} once, as {show(shape)} has so many")
    return tuple(shape[axis - 1] for axis in dims), 0


def _normalised(copies: int) -> Callable[[KerasObject, Shape], tuple[Shape, int]]:
    """For layers that hold a scale and a shift, and `copies` more, for each place along their axis."""

    def rule(layer: KerasObject, shape: Shape) -> tuple[Shape, int]:
        axes = layer.config["axis"] if isinstance(layer.config["axis"], list) else [layer.config["axis"]]
        single = [KerasObject(layer.module, layer.class_name, layer.config | {"axis": axis}) for axis in axes]
        size = math.prod(shape[_axis(each, shape)] for each in single)
        learned = layer.config.get("center", False) + layer.config.get("scale", True)
        return shape, size * (learned + copies)

    return rule


def _grouped(layer: KerasObject, shape: Shape) -> tuple[Shape, int]:
    channels, groups = shape[_axis(layer, shape)], layer.config["groups"]
    if channels % groups:
        raise ShapeError(f"GroupNormalization: groups: {groups} does not divide the {channels} channels")
    return _normalised(0)(layer, shape)


def _parametric(layer: KerasObject, shape: Shape) -> tuple[Shape, int]:
    shared = layer.config["shared_axes"] or []
    shared = shared if isinstance(shared, list) else [shared]
    return shape, math.prod(size for axis, size in enumerate(shape, 1) if axis not in shared)


def _picture(layer: KerasObject, shape: Shape) -> tuple[Shape, int]:
    _needs(layer, shape, 3)
    return shape, 0


def _sequence(layer: KerasObject, shape: Shape) -> tuple[Shape, int]:
    _needs(layer, shape, 2)
    return shape, 0


RULES: dict[str, Callable[[KerasObject, Shape], tuple[Shape, int]]] = {
    "Dense": _dense,
    "Conv1D": _convolution(2),
    "Conv2D": _convolution(3),
    "Conv2DTranspose": _transposed,
    "SeparableConv2D": _separable,
    "DepthwiseConv2D": _depthwise,
    "MaxPooling1D": _pooling(2),
    "AveragePooling1D": _pooling(2),
    "MaxPooling2D": _pooling(3),
    "AveragePooling2D": _pooling(3),
    "GlobalMaxPooling1D": _global_pooling(2),
    "GlobalAveragePooling1D": _global_pooling(2),
    "GlobalMaxPooling2D": _global_pooling(3),
    "GlobalAveragePooling2D": _global_pooling(3),
    "AdaptiveMaxPooling2D": _sized("output_size"),
    "AdaptiveAveragePooling2D": _sized("output_size"),
    "BatchNormalization": _normalised(2),
    "LayerNormalization": _normalised(0),
    "RMSNormalization": _normalised(0),
    "GroupNormalization": _grouped,
    "PReLU": _parametric,
    "SpatialDropout1D": _sequence,
    "SpatialDropout2D": _picture,
    "Flatten": lambda layer, shape: ((math.prod(shape),), 0),  # noqa: ARG005, a rule takes both
    "Reshape": _reshaped,
    "Permute": _permuted,
    "ZeroPadding2D": _framed("padding", 1),
    "Cropping2D": _framed("cropping", -1),
    "CenterCrop": _resized,
    "Resizing": _resized,
    "UpSampling2D": _upsampled,
    "RandomTranslation": _picture,
    "RandomRotation": _picture,
    "RandomZoom": _picture,
    "RandomShear": _picture,
    "RandomPerspective": _picture,
    "RandomElasticTransform": _picture,
    "RandomErasing": _picture,
    "RandomBrightness": _picture,
    "RandomContrast": _picture,
    "RandomGaussianBlur": _picture,
    "RandomInvert": _picture,
    "RandomFlip": _picture,
}
