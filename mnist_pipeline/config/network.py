"""What can be said of a network from its list of layers alone."""

from collections.abc import Iterator
from dataclasses import dataclass

from mnist_pipeline.config.keras.spec import KerasSpec
from mnist_pipeline.config.shapes.infer import MERGING

KERNEL_LAYERS = {"Dense", "Conv1D", "Conv2D", "Conv2DTranspose", "SeparableConv2D", "DepthwiseConv2D"}
DROPOUTS = {"Dropout", "AlphaDropout", "GaussianDropout", "SpatialDropout1D", "SpatialDropout2D"}
ACTIVATION_LAYERS = {"ReLU": "relu", "LeakyReLU": "leaky_relu", "PReLU": "prelu", "ELU": "elu", "Softmax": "softmax"}
LINEAR = DROPOUTS | {"BatchNormalization", "Flatten", "Reshape", "Permute", "Identity", "GaussianNoise", "Rescaling"}
PROBABILITIES = {"softmax", "sparsemax", "sigmoid", "hard_sigmoid", "sparse_sigmoid"}
SATURATING = {"sigmoid", "hard_sigmoid"}
SQUASHING = {"softmax", "sigmoid"}
DEEP = 3


@dataclass(frozen=True)
class Placed:
    """A layer and where it stands below the list of layers."""

    path: tuple[str | int, ...]
    layer: KerasSpec


def all_layers(layers: list[KerasSpec], below: tuple[str | int, ...] = ()) -> Iterator[Placed]:
    """Every layer, those inside branches included."""
    for index, layer in enumerate(layers):
        path = (*below, index, layer.class_name)
        yield Placed(path, layer)
        for number, branch in enumerate(layer.config.get("branches", [])):
            yield from all_layers(branch, (*path, "branches", number))


def values_before(layers: list[KerasSpec], position: int) -> list[float]:
    """The lowest and highest value of a pixel in front of a layer of the list: 0 and 1, unless Rescaling moves them."""
    values = [0.0, 1.0]
    for layer in layers[:position]:
        if layer.class_name == "Rescaling":
            values = sorted(value * layer.config["scale"] + layer.config["offset"] for value in values)
    return values


def activation(layer: KerasSpec) -> str | None:
    """The name of the function that `layer` applies at its end; `linear` for none, None where it is not known."""
    if layer.class_name in KERNEL_LAYERS | {"Activation"}:
        return layer.config["activation"] or "linear"
    if layer.class_name in MERGING:
        return None
    return ACTIVATION_LAYERS.get(layer.class_name, "linear")


def output_activation(layers: list[KerasSpec]) -> tuple[int, str | None]:
    """Where the last layer stands that bends or weighs, and the function it ends with; None where it is not known."""
    for index, layer in reversed([*enumerate(layers)]):
        if activation(layer) != "linear" or layer.class_name in KERNEL_LAYERS:
            return index, activation(layer)
    return len(layers) - 1, "linear"


def logits_advice(loss: KerasSpec) -> str:
    """The other way to mend a missing activation, for the losses that have it."""
    return f", or {loss.class_name}: {{from_logits: true}}" if "from_logits" in loss.config else ""


def unwise(layers: list[KerasSpec]) -> Iterator[tuple[int, str]]:
    """The position of a layer that is known to hinder learning, and why."""
    weighted = [index for index, layer in enumerate(layers) if _weighs(layer)]
    last = weighted[-1] if weighted else len(layers)
    for index, layer in enumerate(layers):
        if layer.class_name in DROPOUTS and index > last:
            yield index, "dropout after the output throws answers away. Put it before the last Dense"
        if activation(layer) == "softmax" and index < last:
            yield index, "softmax inside the network squeezes all values into one sum. Use relu here"
    yield from _vanishing(layers, last)
    yield from _collapsing(layers)


def _weighs(layer: KerasSpec) -> bool:
    """Whether `layer` has a kernel, or one of its branches."""
    return any(each.layer.class_name in KERNEL_LAYERS for each in all_layers([layer]))


def _vanishing(layers: list[KerasSpec], last: int) -> Iterator[tuple[int, str]]:
    saturating = [index for index, layer in enumerate(layers[:last]) if activation(layer) in SATURATING]
    if len(saturating) >= DEEP:
        message = f"sigmoid in {len(saturating)} hidden layers: the gradients vanish on the way back. Use relu"
        yield saturating[0], message


def _collapsing(layers: list[KerasSpec]) -> Iterator[tuple[int, str]]:
    straight: int | None = None
    for index, layer in enumerate(layers):
        if layer.class_name in KERNEL_LAYERS:
            if straight is not None:
                message = "no activation before the next layer with weights: the two are no more than one. Add relu"
                yield straight, message
            straight = index if activation(layer) == "linear" else None
        elif layer.class_name not in LINEAR:
            straight = None
