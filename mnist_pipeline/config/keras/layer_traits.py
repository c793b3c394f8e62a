"""Traits of layers: one row per layer, beside its signature in the catalog.

Every set of layer names in this package is a query of these rows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, ParamSpec

from mnist_pipeline.config.shapes.rules import unchanged
from mnist_pipeline.config.shapes.shape import MergeRule, ShapeRule

Signature = Callable[..., None]
Row = ParamSpec("Row")


@dataclass(frozen=True)
class LayerTraits:
    """Properties of a layer beyond its arguments.

    Attributes:
        shape: Input shape -> output shape and number of parameters.
        merge: For layers with branches: their output shapes -> one output shape.
        kernel: The kind of its kernel; None for a layer without one.
        activation: Keras' name of the activation function that the layer applies.
        linear: Whether two kernels with only this layer between them equal one.
        dropout: Whether it drops values during training.
        xla: Whether XLA makes it faster on a CPU. XLA's random numbers take several times as long there as
            TensorFlow's, so dropout and noise are not; convolutions inside its loops take minutes to compile; image
            transformations cannot be compiled.

    """

    shape: ShapeRule = unchanged
    merge: MergeRule | None = None
    kernel: Literal["dense", "convolution"] | None = None
    activation: str | None = None
    linear: bool = False
    dropout: bool = False
    xla: bool = False


class LayerTable(dict[str, LayerTraits]):
    """Name of a layer -> its traits."""

    def where(self, condition: Callable[[LayerTraits], object]) -> frozenset[str]:
        """Names of the layers whose traits meet `condition`."""
        return frozenset(name for name, traits in self.items() if condition(traits))


def row_decorator(
    table: LayerTable, make: Callable[Row, LayerTraits]
) -> Callable[Row, Callable[[Signature], Signature]]:
    """A decorator `@row(kernel=…)` that adds the traits of a signature to `table`."""

    def row(*args: Row.args, **traits: Row.kwargs) -> Callable[[Signature], Signature]:
        def add(signature: Signature) -> Signature:
            table[signature.__name__] = make(*args, **traits)
            return signature

        return add

    return row
