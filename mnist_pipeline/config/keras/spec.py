"""Keras objects in a config.

Written as `Name`, `Name: first argument`, or `Name: {argument: value}`. A registry of such names (see `catalog`) is a
set of Python signatures. pydantic checks the arguments by their annotations, and the same annotations make the JSON
Schema (`json_schema`).
"""

import functools
import inspect
import re
import typing
from collections.abc import Callable, Mapping, Sequence
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

from mnist_pipeline.config.formatting import format_value, shorten, with_article
from mnist_pipeline.config.keras.arguments import describe_argument
from mnist_pipeline.config.keras.types import Epochs, with_integers
from mnist_pipeline.config.messages import drop_implied_errors

NO_MESSAGE = "explain_error makes the message"
STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, validate_default=True, frozen=True)


@dataclass(frozen=True)
class KerasSpec:
    """`keras.<module>.<class_name>(**config)`, not built yet.

    `config` contains every argument, defaults included.
    """

    module: str
    class_name: str
    config: dict[str, Any]

    def plain(self) -> Any:
        """The object as a config writes it: only its name if it has no arguments."""
        config = {name: to_plain_data(value) for name, value in self.config.items()}
        return {self.class_name: config} if config else self.class_name


@dataclass(frozen=True, repr=False)
class ArgumentError:
    """pydantic's error about an argument of the class `owner`, which takes `names`.

    It has no repr: pydantic would make one for every list of errors.
    """

    error: ErrorDetails
    owner: str
    names: Sequence[str]


def to_plain_data(value: Any) -> Any:
    """`value` with every KerasSpec and pydantic model in it as plain data."""
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
    """The Keras classes of one kind that a config may name.

    Also the annotation of a field with such an object: `Annotated[KerasSpec, LAYERS]`.
    """

    def __init__(
        self,
        kind: str,
        module: str,
        namespace: Mapping[str, Any],
        aliases: Mapping[str, str] | None = None,
        lower: Callable[[str], str] | None = None,
    ) -> None:
        """Register the functions that are defined in a module.

        Args:
            kind: What messages call one of them, such as "layer".
            module: Keras' module of the classes, such as "optimizers.schedules".
            namespace: `vars()` of the module that defines their signatures.
            aliases: Other name -> name.
            lower: Keras' lower-case spelling of a name, if not snake case.

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
        """The object that `value` names.

        Raises errors of pydantic, which `explain_error` puts into words.
        """
        spelling, argument = self._split(value)
        name = self.aliases.get(spelling, spelling)
        if name not in self.signatures:
            raise PydanticCustomError("unknown_name", NO_MESSAGE, {"registry": self, "spelling": spelling})
        return KerasSpec(self.module, name, self._arguments(name, spelling, argument))

    def __contains__(self, name: object) -> bool:
        """Whether `name` is registered, in any spelling."""
        return name in self.signatures or name in self.aliases

    def arguments(self, name: str) -> list[str]:
        """Arguments of the class `name`; none if there is no such class."""
        return list(self.model(self.aliases.get(name, name)).model_fields) if name in self else []

    def with_argument(self, argument: str) -> list[str]:
        """Names of the classes that have `argument`."""
        return [name for name in self.signatures if argument in self.arguments(name)]

    def model(self, name: str) -> type[BaseModel]:
        """The arguments of the class `name` as a pydantic model."""
        return _model(self.signatures[name])

    def _split(self, value: Any) -> tuple[str, Any]:
        """The name in `value`, and its arguments or its first argument."""
        match value:
            case str():
                return value, None
            case dict() if len(value) == 1:
                return next(iter(value.items()))
            case dict() if len(value) > 1:
                names = shorten(", ".join(value))
                raise _worded(f"expected one {self.kind}, received {names}. Indent the arguments below its name")
        raise _worded(
            f"expected the name of {with_article(self.kind)}, or Name: {{argument: value}}, "
            f"received {format_value(value)}"
        )

    def _arguments(self, name: str, spelling: str, argument: Any) -> dict[str, Any]:
        """All arguments, checked; `argument`: a mapping, the first argument, or None."""
        model = self.model(name)
        fields = list(model.model_fields)
        if argument is None:
            argument = {}
        elif not isinstance(argument, dict):
            if not fields:
                custom = PydanticCustomError("unknown_key", "{name} takes no arguments", {"name": name})
                error = InitErrorDetails(type=custom, loc=(spelling,), input=argument)
                raise ValidationError.from_exception_data(name, [error])
            argument = {fields[0]: argument}
        if "name" in fields and spelling != name:  # Keras names a metric as the user spells it
            argument = {"name": spelling} | argument
        try:
            checked = model.model_validate(with_integers(argument))
        except ValidationError as error:
            errors = drop_implied_errors(error.errors(), lambda _: fields)
            details = [_below_name(each, name, fields, spelling) for each in errors]
            raise ValidationError.from_exception_data(name, details) from None
        return {field: getattr(checked, field) for field in fields}

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.read, core_schema.is_instance_schema(KerasSpec))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"x-registry": self.definition}


def snake_case(name: str) -> str:
    """`name` in snake case as Keras writes it: L1L2 -> l1_l2, Conv2D -> conv2d."""
    spaced = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", spaced).lower()


@functools.cache
def _model(signature: Callable[..., None]) -> type[BaseModel]:
    hints = typing.get_type_hints(signature, include_extras=True)
    fields: dict[str, Any] = {
        name: (
            Annotated[hints[name], Field(description=describe_argument(signature.__name__, name))],
            ... if parameter.default is parameter.empty else parameter.default,
        )
        for name, parameter in inspect.signature(signature).parameters.items()
    }
    return create_model(signature.__name__, __config__=STRICT, __doc__=signature.__doc__, **fields)


def _below_name(error: ErrorDetails, owner: str, names: list[str], spelling: str) -> InitErrorDetails:
    """`error` with a location below the name `spelling`."""
    kind = "unknown_key" if error["type"] in ("extra_forbidden", "unknown_key") else "argument"
    custom = PydanticCustomError(kind, NO_MESSAGE, {"argument_error": ArgumentError(error, owner, names)})
    return InitErrorDetails(type=custom, loc=(spelling, *error["loc"]), input=error["input"])


def _worded(words: str) -> PydanticCustomError:
    return PydanticCustomError("worded", "{words}", {"words": words})
