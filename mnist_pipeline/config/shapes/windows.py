"""Output shape and number of parameters of convolution and pooling layers."""

import math

from mnist_pipeline.config.keras.spec import KerasSpec
from mnist_pipeline.config.shapes.shape import Shape, ShapeError, ShapeRule, pair, require_rank


def convolution(rank: int) -> ShapeRule:
    """A convolution over inputs of `rank` axes."""

    def rule(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
        require_rank(layer, shape, rank)
        _require_strides_or_dilation(layer)
        config, channels = layer.config, shape[-1]
        filters, groups = config["filters"], config["groups"]
        if channels % groups or filters % groups:
            raise ShapeError(
                f"{layer.class_name}: groups: {groups} has to divide the input channels ({channels}) and the filters "
                f"({filters}). The largest possible is groups: {math.gcd(channels, filters)}"
            )
        window = math.prod(pair(config["kernel_size"])[: rank - 1])
        params = window * (channels // groups) * filters + filters * config["use_bias"]
        return (*_slide(layer, shape, "kernel_size"), filters), params

    return rule


def transposed_convolution(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    """A convolution that enlarges the image by its strides."""
    require_rank(layer, shape, 3)
    _require_strides_or_dilation(layer)
    config, filters = layer.config, layer.config["filters"]
    windows, strides = pair(config["kernel_size"]), pair(config["strides"])
    spread = [(w - 1) * d + 1 for w, d in zip(windows, pair(config["dilation_rate"]), strict=True)]
    sizes = (
        size * stride + (max(w - stride, 0) if config["padding"] == "valid" else 0)
        for size, w, stride in zip(shape[:-1], spread, strides, strict=True)
    )
    return (*sizes, filters), (math.prod(windows) * shape[-1] + config["use_bias"]) * filters


def depthwise_convolution(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    """A window for each channel."""
    require_rank(layer, shape, 3)
    channels = shape[-1] * layer.config["depth_multiplier"]
    params = math.prod(pair(layer.config["kernel_size"])) * channels
    return (*_slide(layer, shape, "kernel_size"), channels), params + channels * layer.config["use_bias"]


def separable_convolution(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
    """A window for each channel, then a 1 x 1 convolution."""
    require_rank(layer, shape, 3)
    config, filters = layer.config, layer.config["filters"]
    channels = shape[-1] * config["depth_multiplier"]
    params = math.prod(pair(config["kernel_size"])) * channels + (channels + config["use_bias"]) * filters
    return (*_slide(layer, shape, "kernel_size"), filters), params


def pooling(rank: int) -> ShapeRule:
    """Pooling over inputs of `rank` axes."""

    def rule(layer: KerasSpec, shape: Shape) -> tuple[Shape, int]:
        require_rank(layer, shape, rank)
        return (*_slide(layer, shape, "pool_size"), shape[-1]), 0

    return rule


def _slide(layer: KerasSpec, shape: Shape, window: str) -> tuple[int, ...]:
    """Height and width, or length, after a window of argument `window` has passed."""
    config, rank = layer.config, len(shape) - 1
    windows = pair(config[window])[:rank]
    strides = pair(config["strides"] or config[window])[:rank]
    dilation = pair(config.get("dilation_rate", 1))[:rank]
    spread = [(w - 1) * d + 1 for w, d in zip(windows, dilation, strict=True)]
    return tuple(
        _positions(size, w, s, config["padding"]) for size, w, s in zip(shape[:-1], spread, strides, strict=True)
    )


def _positions(size: int, window: int, stride: int, padding: str) -> int:
    return math.ceil(size / stride) if padding != "valid" else (size - window) // stride + 1


def _require_strides_or_dilation(layer: KerasSpec) -> None:
    strides, dilation = layer.config["strides"], layer.config["dilation_rate"]
    if max(pair(strides)) > 1 and max(pair(dilation)) > 1:
        raise ShapeError(
            f"{layer.class_name}: strides: {strides} with dilation_rate: {dilation} is not supported. "
            "Set one of them to 1"
        )
