"""Properties of a network, computed from its list of layers without Keras."""

from collections.abc import Iterator
from dataclasses import dataclass

from mnist_pipeline.config.keras.catalog.layers import LAYER_TRAITS
from mnist_pipeline.config.keras.spec import KerasSpec

KERNEL_LAYERS = LAYER_TRAITS.where(lambda traits: traits.kernel)
CONVOLUTIONS = LAYER_TRAITS.where(lambda traits: traits.kernel == "convolution")
DROPOUTS = LAYER_TRAITS.where(lambda traits: traits.dropout)
LINEAR_LAYERS = LAYER_TRAITS.where(lambda traits: traits.linear)

PROBABILITIES = {"softmax", "sparsemax", "sigmoid", "hard_sigmoid", "sparse_sigmoid"}
SATURATING = {"sigmoid", "hard_sigmoid"}
SQUASHING = {"softmax", "sigmoid"}
MAX_SATURATING_LAYERS = 2


@dataclass(frozen=True)
class LocatedLayer:
    """A layer and where it stands below the list of layers."""

    path: tuple[str | int, ...]
    layer: KerasSpec


def all_layers(layers: list[KerasSpec], below: tuple[str | int, ...] = ()) -> Iterator[LocatedLayer]:
    """Every layer, those inside branches included."""
    for index, layer in enumerate(layers):
        path = (*below, index, layer.class_name)
        yield LocatedLayer(path, layer)
        for number, branch in enumerate(layer.config.get("branches", [])):
            yield from all_layers(branch, (*path, "branches", number))


def pixel_range(layers: list[KerasSpec], position: int) -> list[float]:
    """[lowest, highest] pixel in front of the layer at `position`.

    0 and 1, unless a Rescaling comes before it.
    """
    values = [0.0, 1.0]
    for layer in layers[:position]:
        if layer.class_name == "Rescaling":
            values = sorted(value * layer.config["scale"] + layer.config["offset"] for value in values)
    return values


def activation(layer: KerasSpec) -> str | None:
    """Name of the activation of `layer`: `linear` for none, None for branches."""
    traits = LAYER_TRAITS[layer.class_name]
    if traits.merge:
        return None
    return traits.activation or layer.config.get("activation") or "linear"


def output_activation(layers: list[KerasSpec]) -> tuple[int, str | None]:
    """Position and activation of the last layer that has a kernel or an activation."""
    for index, layer in reversed([*enumerate(layers)]):
        if activation(layer) != "linear" or layer.class_name in KERNEL_LAYERS:
            return index, activation(layer)
    return len(layers) - 1, "linear"


def logits_advice(loss: KerasSpec) -> str:
    """The alternative to a last activation, for the losses that have one."""
    return f", or {loss.class_name}: {{from_logits: true}}" if "from_logits" in loss.config else ""


def unwise_layers(layers: list[KerasSpec]) -> Iterator[tuple[int, str]]:
    """Position of each layer that hinders training, and why."""
    with_kernel = [index for index, layer in enumerate(layers) if _has_kernel(layer)]
    last = with_kernel[-1] if with_kernel else len(layers)
    for index, layer in enumerate(layers):
        if layer.class_name in DROPOUTS and index > last:
            yield index, f"{layer.class_name} after the output layer drops predictions. Move it before the last Dense"
        if activation(layer) == "softmax" and index < last:
            yield index, "softmax in a hidden layer makes all its values sum to 1. Use relu"
    yield from _vanishing_gradients(layers, last)
    yield from _adjacent_linear_layers(layers)


def _has_kernel(layer: KerasSpec) -> bool:
    """Whether `layer` has a kernel, or one of its branches."""
    return any(each.layer.class_name in KERNEL_LAYERS for each in all_layers([layer]))


def _vanishing_gradients(layers: list[KerasSpec], last: int) -> Iterator[tuple[int, str]]:
    saturating = [index for index, layer in enumerate(layers[:last]) if activation(layer) in SATURATING]
    if len(saturating) > MAX_SATURATING_LAYERS:
        yield saturating[0], f"sigmoid in {len(saturating)} hidden layers makes the gradients vanish. Use relu"


def _adjacent_linear_layers(layers: list[KerasSpec]) -> Iterator[tuple[int, str]]:
    linear: int | None = None
    for index, layer in enumerate(layers):
        if layer.class_name in KERNEL_LAYERS:
            if linear is not None:
                message = "no activation before the next layer with a kernel, so the two are one linear layer. Use relu"
                yield linear, message
            linear = index if activation(layer) == "linear" else None
        elif layer.class_name not in LINEAR_LAYERS:
            linear = None
