"""What comes out of each layer, and how many weights it has: Keras' arithmetic, a rule a layer.

A test holds every layer of the catalog against Keras itself.
"""

import math
from collections.abc import Callable
from typing import Any

from mnist_pipeline.config.keras.spec import KerasSpec

Shape = tuple[int, ...]
Rule = Callable[[KerasSpec, Shape], tuple[Shape, int]]


class ShapeError(Exception):
    """A layer cannot work on what it is given. `path`: where the layer stands, below the list of layers."""

    def __init__(self, message: str, path: tuple[str | int, ...] = ()) -> None:
        """`message` is for the user."""
        super().__init__(message)
        self.path = path


def format_shape(shape: Shape) -> str:
    """A shape in the way that Keras writes it, without the batch."""
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def _pair(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def _needs(layer: KerasSpec, shape: Shape, rank: int) -> None:
    if len(shape) != rank:
        wanted = {2: "a sequence (steps, channels)", 3: "a picture (height, width, channels)"}[rank]
        mend = {2: "Put a Reshape before it", 3: "Put it before Flatten, or a Reshape before it"}[rank]
        raise ShapeError(f"{layer.class_name} needs {wanted} and is given {format_shape(shape)}. {mend}")


def only_axis(layer: KerasSpec, shape: Shape) -> int:
    """The position in `shape` of the layer's only axis."""
    return _axes(layer, shape)[0]


def _axes(layer: KerasSpec, shape: Shape) -> list[int]:
    """The positions in `shape` of the layer's axes, which count the batch as axis 0."""
    axes = layer.config["axis"] if isinstance(layer.config["axis"], list) else [layer.config["axis"]]
    positions = [axis + len(shape) if axis < 0 else axis - 1 for axis in axes]
    if len(set(positions)) < len(axes) or not all(0 <= position < len(shape) for position in positions):
        said = ", ".join(map(str, axes))
        raise ShapeError(
            f"{layer.class_name}: axis {said}: {format_shape(shape)} has the axes 1 to {len(shape)}, each once"
        )
    return positions


def _windows(size: int, window: int, stride: int, padding: str) -> int:
    return math.ceil(size / stride) if padding != "valid" else (size - window) // stride + 1


def _slide(layer: KerasSpec, shape: Shape, window: str) -> tuple[int, ...]:
    """Height and width, or length, after the layer's windows have passed."""
    config, rank = layer.config, len(shape) - 1
    windows = _pair(config[window])[:rank]
    strides = _pair(config["strides"] or config[window])[:rank]
    dilation = _pair(config.get("dilation_rate", 1))[:rank]
    spread = [(w - 1) * d + 1 for w, d in zip(windows, dilation, strict=True)]
    return tuple(
        _windows(size, w, s, config["padding"]) for size, w, s in zip(shape[:-1], spread, strides, strict=True)
    )


def _strides_or_dilation(layer: KerasSpec) -> None:
    if max(_pair(layer.config["strides"])) > 1 and max(_pair(layer.config["dilation_rate"])) > 1:
        raise ShapeError(f"{layer.class_name}: strides and dilation_rate cannot both be larger than 1")


def _dense(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    units, bias = layer.config["units"], layer.config["use_bias"]
    return (*shape[:-1], units), (shape[-1] + bias) * units


def _convolution(rank: int) -> Rule:
    def rule(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
        _needs(layer, shape, rank)
        _strides_or_dilation(layer)
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


def _transposed(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    _needs(layer, shape, 3)
    _strides_or_dilation(layer)
    config, filters = layer.config, layer.config["filters"]
    windows, strides = _pair(config["kernel_size"]), _pair(config["strides"])
    spread = [(w - 1) * d + 1 for w, d in zip(windows, _pair(config["dilation_rate"]), strict=True)]
    sizes = (
        size * stride + (max(w - stride, 0) if config["padding"] == "valid" else 0)
        for size, w, stride in zip(shape[:-1], spread, strides, strict=True)
    )
    return (*sizes, filters), (math.prod(windows) * shape[-1] + config["use_bias"]) * filters


def _depthwise(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    _needs(layer, shape, 3)
    channels = shape[-1] * layer.config["depth_multiplier"]
    weights = math.prod(_pair(layer.config["kernel_size"])) * channels
    return (*_slide(layer, shape, "kernel_size"), channels), weights + channels * layer.config["use_bias"]


def _separable(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    _needs(layer, shape, 3)
    config, filters = layer.config, layer.config["filters"]
    between = shape[-1] * config["depth_multiplier"]
    weights = math.prod(_pair(config["kernel_size"])) * between + (between + config["use_bias"]) * filters
    return (*_slide(layer, shape, "kernel_size"), filters), weights


def _pooling(rank: int) -> Rule:
    def rule(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
        _needs(layer, shape, rank)
        return (*_slide(layer, shape, "pool_size"), shape[-1]), 0

    return rule


def _global_pooling(rank: int) -> Rule:
    def rule(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
        _needs(layer, shape, rank)
        return ((1,) * (rank - 1) if layer.config["keepdims"] else ()) + shape[-1:], 0

    return rule


def _sized(name: str) -> Rule:
    """For layers whose argument `name` says the height and width that come out."""

    def rule(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
        _needs(layer, shape, 3)
        return (*_pair(layer.config[name]), shape[-1]), 0

    return rule


def _resized(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    _needs(layer, shape, 3)
    return (layer.config["height"], layer.config["width"], shape[-1]), 0


def _upsampled(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    _needs(layer, shape, 3)
    height, width = _pair(layer.config["size"])
    return (shape[0] * height, shape[1] * width, shape[2]), 0


def _framed(name: str, sign: int) -> Rule:
    """For layers that add (`sign` 1) or cut off (-1) a frame of `name`: n, [h, w] or [[top, bottom], [left, right]]."""

    def rule(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
        _needs(layer, shape, 3)
        frame = [sum(_pair(side)) for side in _pair(layer.config[name])]
        return (*(size + sign * more for size, more in zip(shape[:-1], frame, strict=True)), shape[-1]), 0

    return rule


def _reshaped(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    target, values = layer.config["target_shape"], math.prod(shape)
    known = math.prod(size for size in target if size != -1)
    if target.count(-1) > 1 or known < 1 or (values % known if -1 in target else values != known):
        raise ShapeError(
            f"Reshape cannot make {format_shape(tuple(target))} of {format_shape(shape)}, which has {values} values"
        )
    return tuple(values // known if size == -1 else size for size in target), 0


def _permuted(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    dims = layer.config["dims"]
    if sorted(dims) != list(range(1, len(shape) + 1)):
        raise ShapeError(f"Permute needs each of the axes 1 to {len(shape)} once, as {format_shape(shape)} has so many")
    return tuple(shape[axis - 1] for axis in dims), 0


def _normalised(copies: int) -> Rule:
    """For layers that hold a scale and a shift, and `copies` more, for each place along their axes."""

    def rule(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
        size = math.prod(shape[axis] for axis in _axes(layer, shape))
        return shape, size * (layer.config["center"] + layer.config["scale"] + copies)

    return rule


def _root_mean_square(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    if _axes(layer, shape) != [len(shape) - 1]:
        raise ShapeError("RMSNormalization: Keras keeps a scale for the last axis alone. Use axis: -1")
    return shape, shape[-1]


def _along_axes(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    _axes(layer, shape)
    return shape, 0


def _grouped(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    channels, groups = shape[only_axis(layer, shape)], layer.config["groups"]
    if channels % groups:
        raise ShapeError(f"GroupNormalization: groups: {groups} does not divide the {channels} channels")
    return _normalised(0)(layer, shape)


def _parametric(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    given = layer.config["shared_axes"]
    shared = [] if given is None else given if isinstance(given, list) else [given]
    if not all(1 <= axis <= len(shape) for axis in shared):
        raise ShapeError(f"PReLU: shared_axes count from 1 to {len(shape)}: {format_shape(shape)} has so many")
    return shape, math.prod(size for axis, size in enumerate(shape, 1) if axis not in shared)


def _adaptive_maximum(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    _needs(layer, shape, 3)
    sizes = _pair(layer.config["output_size"])
    if 1 in sizes:
        raise ShapeError("AdaptiveMaxPooling2D cannot go down to 1 in Keras. Use GlobalMaxPooling2D, which can")
    if 1 in shape[:2]:
        raise ShapeError(
            f"AdaptiveMaxPooling2D needs at least 2 x 2 pixels in Keras and is given {format_shape(shape)}"
        )
    return (*sizes, shape[2]), 0


def _in_perspective(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    _needs(layer, shape, 3)
    if min(shape[:2]) < 2:
        raise ShapeError(f"RandomPerspective needs at least 2 x 2 pixels and is given {format_shape(shape)}")
    return shape, 0


def _picture(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    _needs(layer, shape, 3)
    return shape, 0


def _sequence(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    _needs(layer, shape, 2)
    return shape, 0


SHAPE_RULES: dict[str, Rule] = {
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
    "AdaptiveMaxPooling2D": _adaptive_maximum,
    "AdaptiveAveragePooling2D": _sized("output_size"),
    "BatchNormalization": _normalised(2),
    "LayerNormalization": _normalised(0),
    "RMSNormalization": _root_mean_square,
    "UnitNormalization": _along_axes,
    "Softmax": _along_axes,
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
    "RandomPerspective": _in_perspective,
    "RandomErasing": _picture,
    "RandomBrightness": _picture,
    "RandomContrast": _picture,
    "RandomGaussianBlur": _picture,
    "RandomInvert": _picture,
    "RandomFlip": _picture,
}
