"""How a config names a Keras object: `Name`, `Name: first argument`, or `Name: {argument: value}`.

A table of such names (see `catalog`) is a set of Python signatures; pydantic checks the arguments by their
annotations, and the same annotations make the JSON Schema (`json_schema`).
"""

import functools
import inspect
import re
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
    create_model,
)
from pydantic_core import CoreSchema, ErrorDetails, InitErrorDetails, PydanticCustomError, core_schema

from mnist_pipeline.config.keras.arguments import meaning
from mnist_pipeline.config.keras.types import Epochs, with_whole_numbers
from mnist_pipeline.config.messages import OwnedError, drop_implied_errors
from mnist_pipeline.config.values import format_value, shorten, with_article

UNWORDED = "worded where it is told"
STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, validate_default=True, frozen=True)


@dataclass(frozen=True)
class KerasSpec:
    """`keras.<module>.<class_name>(**config)`, not built yet. `config` holds every argument, defaults included."""

    module: str
    class_name: str
    config: dict[str, Any]

    def plain(self) -> Any:
        """The object as a config writes it: a bare name where it has no arguments."""
        config = {name: to_plain_data(value) for name, value in self.config.items()}
        return {self.class_name: config} if config else self.class_name


def to_plain_data(value: Any) -> Any:
    """`value` in plain data, every KerasObject and pydantic model within it written out."""
    match value:
        case KerasSpec():
            return value.plain()
        case BaseModel():
            return {name: to_plain_data(getattr(value, name)) for name in type(value).model_fields}
        case list():
            return [to_plain_data(item) for item in value]
        case Epochs():
            return str(value)
    return value


class Registry:
    """The Keras objects of one kind that a config may name, as an annotation: `Annotated[KerasObject, LAYERS]`."""

    def __init__(
        self,
        kind: str,
        module: str,
        namespace: Mapping[str, Any],
        aliases: Mapping[str, str] | None = None,
        lower: Callable[[str], str] | None = None,
    ) -> None:
        """`namespace`: the module whose functions, defined there, are the table.

        `aliases`: other name -> name; `lower`: how Keras writes a name of this kind in lower case, if not snake_case.
        """
        self.kind = kind
        self.module = module
        self.definition = module.rpartition(".")[2]
        self.signatures: dict[str, Callable[..., None]] = {
            name: value
            for name, value in namespace.items()
            if inspect.isfunction(value) and value.__module__ == namespace["__name__"]
        }
        self.aliases = {(lower or snake_case)(name): name for name in self.signatures} | dict(aliases or {})

    def read(self, value: Any) -> KerasSpec:
        """The object that `value` names. Raises what pydantic understands, and `word` says."""
        written, argument = self._split(value)
        name = self.aliases.get(written, written)
        if name not in self.signatures:
            raise PydanticCustomError("unknown_name", UNWORDED, {"table": self, "written": written})
        return KerasSpec(self.module, name, self._checked(name, written, argument))

    def __contains__(self, name: object) -> bool:
        """Whether `name` is one of this table, in whichever spelling."""
        return name in self.signatures or name in self.aliases

    def arguments(self, name: str) -> list[str]:
        """The arguments of the object that is called `name`; none where there is no such object."""
        return list(self.model(self.aliases.get(name, name)).model_fields) if name in self else []

    def owners(self, argument: str) -> list[str]:
        """The names of the objects that have `argument`."""
        return [name for name in self.signatures if argument in self.arguments(name)]

    def model(self, name: str) -> type[BaseModel]:
        """The arguments of `name` as a pydantic model."""
        return _model(self.signatures[name])

    def _split(self, value: Any) -> tuple[str, Any]:
        """The name that is written, and what stands behind it."""
        match value:
            case str():
                return value, None
            case dict() if len(value) == 1:
                return next(iter(value.items()))
            case dict() if len(value) > 1:
                names = shorten(", ".join(value))
                raise _worded(f"one {self.kind} has one name, and here stand {names}. Indent what belongs to the name")
        raise _worded(
            f"expected the name of {with_article(self.kind)}, or Name: {{argument: value}}, "
            f"received {format_value(value)}"
        )

    def _checked(self, name: str, written: str, argument: Any) -> dict[str, Any]:
        """All arguments of `name`, checked."""
        model = self.model(name)
        fields = list(model.model_fields)
        if argument is None:
            argument = {}
        elif not isinstance(argument, dict):
            if not fields:
                custom = PydanticCustomError("unknown_key", "{name} takes no argument", {"name": name})
                fault = InitErrorDetails(type=custom, loc=(written,), input=argument)
                raise ValidationError.from_exception_data(name, [fault])
            argument = {fields[0]: argument}
        if "name" in fields and written != name:  # Keras calls a metric what the user calls it
            argument = {"name": written} | argument
        try:
            checked = model.model_validate(with_whole_numbers(argument))
        except ValidationError as error:
            errors = drop_implied_errors(error.errors(), lambda _: fields)
            details = [_below(each, name, fields, written) for each in errors]
            raise ValidationError.from_exception_data(name, details) from None
        return {field: getattr(checked, field) for field in fields}

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.read, core_schema.is_instance_schema(KerasSpec))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"x-table": self.definition}


def snake_case(name: str) -> str:
    """`name` as Keras writes it in lower case: MeanSquaredError -> mean_squared_error, L1L2 -> l1_l2."""
    spaced = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", spaced).lower()


@functools.cache
def _model(signature: Callable[..., None]) -> type[BaseModel]:
    hints = typing.get_type_hints(signature, include_extras=True)
    fields: dict[str, Any] = {
        name: (
            Annotated[hints[name], Field(description=meaning(signature.__name__, name))],
            ... if parameter.default is parameter.empty else parameter.default,
        )
        for name, parameter in inspect.signature(signature).parameters.items()
    }
    return create_model(signature.__name__, __config__=STRICT, __doc__=signature.__doc__, **fields)


def _below(error: ErrorDetails, owner: str, fields: list[str], written: str) -> InitErrorDetails:
    """`error` as one of what stands behind the name `written`; whose argument it is about is kept for `word`."""
    kind = "unknown_key" if error["type"] in ("extra_forbidden", "unknown_key") else "argument"
    context = {"owned": OwnedError(error, owner, fields)}
    custom = PydanticCustomError(kind, UNWORDED, context)
    return InitErrorDetails(type=custom, loc=(written, *error["loc"]), input=error["input"])


def _worded(words: str) -> PydanticCustomError:
    return PydanticCustomError("worded", "{words}", {"words": words})
