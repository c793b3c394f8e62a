"""The JSON Schema of configs (draft 2020-12), for editors.

It is arranged for the YAML language server, which validates by `if` but completes only from `anyOf`: an error is about
the one argument that is wrong, descriptions show on hover, and each name is offered once, as Keras spells it.
"""

import re
from collections.abc import Iterable
from itertools import chain
from typing import Any

from mnist_pipeline.config.keras.catalog import REGISTRIES
from mnist_pipeline.config.keras.spec import Registry
from mnist_pipeline.config.schema import Config

Schema = dict[str, Any]


def json_schema() -> Schema:
    """Schema of a config, with every class of Keras and its arguments."""
    schema: Schema = _clean(Config.model_json_schema())
    for registry in REGISTRIES:
        schema["$defs"] |= _definitions(registry)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _definitions(registry: Registry) -> Schema:
    """Definitions of one kind of object: its notations, names and arguments."""
    definitions: Schema = {f"{registry.definition}.{name}": _arguments(registry, name) for name in registry.signatures}
    bare = [name for name in registry.signatures if not _needs_argument(registry, name)]
    if not bare:
        return definitions | {registry.definition: _mapping(registry)}
    names, aliases = f"{registry.definition}.names", f"{registry.definition}.aliases"
    others = {name: _aliases(registry, name) for name in bare}
    needing = [other for name in registry.signatures if name not in bare for other in (name, *_aliases(registry, name))]
    text: Schema = {"if": _one_of(chain(*others.values())), "then": _reference(aliases), "else": _reference(names)}
    if needing:
        text = {"if": _one_of(needing), "then": {"type": "object"}, "else": text}
    return definitions | {
        registry.definition: {
            "if": {"type": "object"},
            "then": _mapping(registry),
            "else": text,
            "anyOf": [True, _reference(names)],
        },
        names: {"anyOf": [{"const": name, "description": _description(registry, name)} for name in bare]},
        aliases: {
            "anyOf": [
                {"enum": other, "description": _description(registry, name)} for name, other in others.items() if other
            ]
        },
    }


def _mapping(registry: Registry) -> Schema:
    """The notation `Name: arguments`.

    The limit of one name stands outside `allOf`: within it, editors complete nothing below an empty key.
    """
    properties = {name: _reference(f"{registry.definition}.{name}") for name in registry.signatures}
    patterns = {
        _one_of(other)["pattern"]: properties[name]
        for name in registry.signatures
        if (other := _aliases(registry, name))
    }
    names = {
        "type": "object",
        "properties": properties,
        "patternProperties": patterns,
        "additionalProperties": False,
    }
    return {"type": "object", "minProperties": 1, "maxProperties": 1, "allOf": [names]}


def _arguments(registry: Registry, name: str) -> Schema:
    """What may follow a name: a mapping of arguments, the first argument, or nothing."""
    arguments: Schema = _clean(registry.model(name).model_json_schema())
    description = arguments.pop("description")
    if len(arguments.get("required", ())) > 1:
        return {"description": description, "anyOf": [arguments]}
    first = next(iter(arguments["properties"].values()), {"type": "null"})
    first = {key: value for key, value in first.items() if key != "description"}
    rest: Schema = {"else": {"if": {"type": "null"}, "else": first}} if arguments["properties"] else {"else": first}
    if _needs_argument(registry, name):
        rest = {"else": first, "anyOf": [True, first]}
    return {"description": description, "if": {"type": "object"}, "then": arguments, **rest}


def _needs_argument(registry: Registry, name: str) -> bool:
    return any(field.is_required() for field in registry.model(name).model_fields.values())


def _aliases(registry: Registry, name: str) -> list[str]:
    """Other spellings of `name`."""
    return [alias for alias, target in registry.aliases.items() if target == name and alias != name]


def _description(registry: Registry, name: str) -> str | None:
    return registry.model(name).__doc__


def _reference(definition: str) -> Schema:
    return {"$ref": f"#/$defs/{definition}"}


def _one_of(names: Iterable[str]) -> Schema:
    """One of `names`, as a pattern, which editors do not complete from."""
    return {"type": "string", "pattern": f"^({'|'.join(map(re.escape, names))})$"}


def _clean(schema: Any) -> Any:
    """Schema from pydantic without titles, with references to the registries.

    `oneOf` becomes `anyOf`, from which editors complete; the alternatives exclude each other anyway.
    """
    match schema:
        case {"x-registry": definition}:
            return _reference(definition) | {key: schema[key] for key in ("default", "description") if key in schema}
        case {"title": str()}:
            return _clean({key: value for key, value in schema.items() if key != "title"})
        case dict():
            return {"anyOf" if key == "oneOf" else key: _clean(value) for key, value in schema.items()}
        case list():
            return [_clean(value) for value in schema]
    return schema
