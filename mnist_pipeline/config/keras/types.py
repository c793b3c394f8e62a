"""The kinds of value that Keras' arguments take."""

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, Tag
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from mnist_pipeline.config.values import format_value


@dataclass(frozen=True)
class Epochs:
    """A length in passes over the training images; a number of steps once the batches are known."""

    number: float

    def __repr__(self) -> str:
        return f"{self.number:.6f}".rstrip("0").rstrip(".") + " epochs"


class _EpochsAnnotation:
    """Reads `10 epochs`."""

    @staticmethod
    def read(value: Any) -> Epochs:
        match = re.fullmatch(r"(\d{1,6}(?:\.\d{1,6})?)\s+epochs?", value)
        if not match or not float(match[1]):
            message = "expected a number of steps, or a length such as '10 epochs', received {value}"
            raise PydanticCustomError("no_length", message, {"value": format_value(value)})
        return Epochs(float(match[1]))

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^(?!0+(\.0+)?\s)\d{1,6}(\.\d{1,6})?\s+epochs?$"}


def shape_of(value: Any) -> str:
    """Which alternative of a union `value` can only mean, so that an error speaks of that one alone."""
    match value:
        case str():
            return "text"
        case list():
            return "list"
        case dict():
            return "mapping"
        case Epochs():
            return "text"
    return "number"


Either = Discriminator(shape_of)


class _Whole(int):
    """30.0 as a whole number, which a message shows as it was written; pydantic makes a plain number of it."""

    written: float

    @classmethod
    def of(cls, written: float) -> "_Whole":
        """The whole number that `written` is."""
        whole = cls(written)
        whole.written = written
        return whole

    def __repr__(self) -> str:
        return repr(self.written)


def with_whole_numbers(value: Any) -> Any:
    """`value` with 30.0 as 30, as JSON Schema counts it; where a number is wanted, it becomes 30.0 again."""
    match value:
        case float() if value.is_integer():
            return _Whole.of(value)
        case list():
            return [with_whole_numbers(item) for item in value]
        case dict():
            return {key: with_whole_numbers(item) for key, item in value.items()}
    return value


Count = Annotated[int, Field(gt=0, le=1_000_000)]
Natural = Annotated[int, Field(ge=0, le=1_000_000)]
Fraction = Annotated[float, Field(ge=0, le=1)]
Rate = Annotated[float, Field(ge=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]
Axes = Annotated[Annotated[int, Tag("number")] | Annotated[list[int], Tag("list")], Either]

# One number for height and width alike, or [height, width].
Size = Annotated[
    Annotated[Count, Tag("number")] | Annotated[list[Count], Field(min_length=2, max_length=2), Tag("list")], Either
]
# One number for all sides, [height, width], or [[top, bottom], [left, right]].
Side = Annotated[
    Annotated[Natural, Tag("number")] | Annotated[list[Natural], Field(min_length=2, max_length=2), Tag("list")], Either
]
Sides = Annotated[
    Annotated[Natural, Tag("number")] | Annotated[list[Side], Field(min_length=2, max_length=2), Tag("list")], Either
]
# One number for plus and minus, or [lower, upper].
Factor = Annotated[
    Annotated[float, Tag("number")] | Annotated[list[float], Field(min_length=2, max_length=2), Tag("list")], Either
]


def _from_zero(factor: Any) -> Any:
    return factor if isinstance(factor, list) else [0.0, factor]


# For a layer that draws the sign by itself: Keras keeps one number as [-number, number], and does not load that again.
Unsigned = Annotated[Factor, AfterValidator(_from_zero)]
Range = Annotated[list[float], Field(min_length=2, max_length=2)]

# Steps of the optimizer, or "N epochs".
Steps = Annotated[Annotated[Count, Tag("number")] | Annotated[Epochs, _EpochsAnnotation(), Tag("text")], Either]
StepsOrNone = Annotated[Annotated[Natural, Tag("number")] | Annotated[Epochs, _EpochsAnnotation(), Tag("text")], Either]

Padding = Literal["valid", "same"]
Interpolation = Literal["bilinear", "nearest"]
FillMode = Literal["constant", "nearest", "reflect", "wrap"]
Mode = Literal["auto", "min", "max"]
ActivationName = Literal[
    "linear", "relu", "leaky_relu", "relu6", "sigmoid", "tanh", "softmax", "elu", "celu", "selu", "gelu", "silu",
    "swish", "mish", "exponential", "softplus", "softsign", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh",
    "log_sigmoid", "log_softmax", "hard_shrink", "soft_shrink", "tanh_shrink", "squareplus", "sparse_plus",
    "sparse_sigmoid", "sparsemax",
]  # fmt: skip
