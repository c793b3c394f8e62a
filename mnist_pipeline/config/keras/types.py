"""Types of the arguments of Keras' classes, for pydantic."""

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, Tag
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from mnist_pipeline.config.formatting import format_value


@dataclass(frozen=True)
class Epochs:
    """A number of steps as passes over the training images."""

    number: float

    def __repr__(self) -> str:
        number = f"{self.number:.6f}".rstrip("0").rstrip(".")
        return f"{number} epoch" if number == "1" else f"{number} epochs"


class _EpochsAnnotation:
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


def tag(value: Any) -> str:
    """The tag of the only alternative of a union that `value` can mean.

    Errors are then about that alternative, not about each.
    """
    match value:
        case str() | Epochs():
            return "text"
        case list():
            return "list"
        case dict():
            return "mapping"
    return "number"


Either = Discriminator(tag)


class _Integer(int):
    """30 for 30.0; messages show it as 30.0. pydantic turns it into a plain number."""

    original: float

    @classmethod
    def of(cls, original: float) -> "_Integer":
        integer = cls(original)
        integer.original = original
        return integer

    def __repr__(self) -> str:
        return repr(self.original)


def with_integers(value: Any) -> Any:
    """`value` with 30 for 30.0, as in JSON Schema; floats become 30.0 again."""
    match value:
        case float() if value.is_integer():
            return _Integer.of(value)
        case list():
            return [with_integers(item) for item in value]
        case dict():
            return {key: with_integers(item) for key, item in value.items()}
    return value


Count = Annotated[int, Field(gt=0, le=1_000_000)]
Natural = Annotated[int, Field(ge=0, le=1_000_000)]
Fraction = Annotated[float, Field(ge=0, le=1)]
Rate = Annotated[float, Field(ge=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]
Axes = Annotated[Annotated[int, Tag("number")] | Annotated[list[int], Tag("list")], Either]

# One number for height and width, or [height, width].
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
# One number for [-number, number], or [lower, upper].
Factor = Annotated[
    Annotated[float, Tag("number")] | Annotated[list[float], Field(min_length=2, max_length=2), Tag("list")], Either
]


def _from_zero(factor: Any) -> Any:
    return factor if isinstance(factor, list) else [0.0, factor]


# For RandomShear, which draws the sign itself: Keras saves one number as [-number, number], and cannot load that.
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
