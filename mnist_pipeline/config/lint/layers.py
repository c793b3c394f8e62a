"""Rules about the layers: shapes, sizes, augmentation, and what hinders training."""

import math
from collections.abc import Iterator

from mnist_pipeline.config import network
from mnist_pipeline.config.lint.finding import Finding, error, warning
from mnist_pipeline.config.lint.targets import TARGETS
from mnist_pipeline.config.schema import Data, Model
from mnist_pipeline.config.shapes.infer import LayerShape, infer_shapes
from mnist_pipeline.config.shapes.shape import Shape, ShapeError, format_shape
from mnist_pipeline.tasks import MULTICLASS

MAX_PARAMS = 500_000_000
MAX_OUTPUT_VALUES = 10_000_000
BYTES_PER_PARAM = 16  # weight, gradient and two optimizer slots in float32


def shapes_fit(model: Model, data: Data) -> Iterator[Finding]:
    """Every layer fits its input, the last fits the target, and none is too large."""
    try:
        rows = list(infer_shapes(model.layers))
    except ShapeError as mismatch:
        yield error(("model", "layers", *mismatch.path), str(mismatch))
        return
    params = sum(row.params for row in rows)
    if params > MAX_PARAMS:
        gibibytes = params * BYTES_PER_PARAM / 2**30
        message = f"{params:,} parameters would need about {gibibytes:,.0f} GiB to train; the maximum is {MAX_PARAMS:,}"
        yield error(("model", "layers"), f"{message}. Use fewer units or filters")
    too_large = next((row for row in rows if math.prod(row.shape) > MAX_OUTPUT_VALUES), None)
    if too_large:
        size = f"{math.prod(too_large.shape):,} values for each image"
        message = f"the output of this layer would be {size}; the maximum is {MAX_OUTPUT_VALUES:,}"
        yield error(("model", "layers", *too_large.path), f"{message}. Use fewer units or filters, or a smaller image")
        return
    expected = (10 if data.kind == MULTICLASS else 1,)
    if rows[-1].shape != expected:
        yield _wrong_output(model, data, rows, expected)


def _wrong_output(model: Model, data: Data, rows: list[LayerShape], expected: Shape) -> Finding:
    last, (units,) = rows[-1], expected
    image = next((row for row in rows if row.layer.class_name == "Dense" and len(row.shape) > 1), None)
    if len(last.shape) > 1 and image:
        received = "an image" if len(image.shape) == 3 else "a sequence"
        return error(
            ("model", "layers", *image.path),
            f"Dense receives {received} here and outputs {format_shape(image.shape)}, but the last layer has to output "
            f"{format_shape(expected)}. Put {_flattening_layers(model)} before it",
        )
    fix = f"End with Dense: {units}"
    if len(last.shape) > 1:
        fix = f"Put Flatten or GlobalAveragePooling2D before the last Dense: {units}"
    message = f"the last layer outputs {format_shape(last.shape)}, but data.{TARGETS[data.kind]} needs"
    return error(("model", "layers", *last.path), f"{message} {format_shape(expected)}. {fix}")


def _flattening_layers(model: Model) -> str:
    convolutional = any(each.layer.class_name in network.CONVOLUTIONS for each in network.all_layers(model.layers))
    return "Flatten or GlobalAveragePooling2D" if convolutional else "Flatten"


def network_can_learn(model: Model) -> Iterator[Finding]:
    """No layer hinders training."""
    for index, message in network.unwise_layers(model.layers):
        yield warning(("model", "layers", index, model.layers[index].class_name), message)


def augmentation_fits(model: Model, data: Data) -> Iterator[Finding]:
    """Augmentation has the range of the pixels, and keeps a digit a digit."""
    for each in network.all_layers(model.layers):
        path, layer = ("model", "layers", *each.path), each.layer
        pixels = network.pixel_range(model.layers, int(each.path[0]))
        if layer.config.get("value_range", pixels) != pixels:
            low, high = (f"{value:g}" for value in pixels)
            message = f"{layer.class_name} receives pixels from {low} to {high}. Write value_range: [{low}, {high}]"
            yield error((*path, "value_range"), message)
        if layer.class_name == "RandomFlip" and data.dataset != "fashion_mnist":
            yield warning(path, "a flipped 2 is not a 2. RandomFlip is for clothes (fashion_mnist), not for digits")
