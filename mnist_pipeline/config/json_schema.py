"""The JSON Schema of a config (draft 2020-12), for editors.

Written so that the YAML language server says what is wrong in the words of the argument concerned, shows what things
mean, and offers each name once, as Keras spells it: it follows `if`, but offers values from `anyOf` alone.
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
    """The schema of a config, every Keras object with its arguments included."""
    schema: Schema = _finished(Config.model_json_schema())
    for table in REGISTRIES:
        schema["$defs"] |= _kind(table)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _kind(table: Registry) -> Schema:
    """The definitions of one kind of object: how it is written, its names, and each object's arguments."""
    definitions: Schema = {f"{table.definition}.{name}": _arguments(table, name) for name in table.signatures}
    bare = [name for name in table.signatures if not _needs_argument(table, name)]
    if not bare:
        return definitions | {table.definition: _mapping(table)}
    names, aliases = f"{table.definition}.names", f"{table.definition}.aliases"
    others = {name: _aliases(table, name) for name in bare}
    needing = [other for name in table.signatures if name not in bare for other in (name, *_aliases(table, name))]
    text: Schema = {"if": _one_of(chain(*others.values())), "then": _link(aliases), "else": _link(names)}
    if needing:
        text = {"if": _one_of(needing), "then": {"type": "object"}, "else": text}
    return definitions | {
        table.definition: {
            "if": {"type": "object"},
            "then": _mapping(table),
            "else": text,
            "anyOf": [True, _link(names)],
        },
        names: {"anyOf": [{"const": name, "description": _description(table, name)} for name in bare]},
        aliases: {
            "anyOf": [
                {"enum": other, "description": _description(table, name)} for name, other in others.items() if other
            ]
        },
    }


def _mapping(table: Registry) -> Schema:
    """`Name: what stands behind it`. The limit of one name stands apart, or editors offer none below an empty key."""
    properties = {name: _link(f"{table.definition}.{name}") for name in table.signatures}
    patterns = {
        _one_of(other)["pattern"]: properties[name] for name in table.signatures if (other := _aliases(table, name))
    }
    names = {
        "type": "object",
        "properties": properties,
        "patternProperties": patterns,
        "additionalProperties": False,
    }
    return {"type": "object", "minProperties": 1, "maxProperties": 1, "allOf": [names]}


def _arguments(table: Registry, name: str) -> Schema:
    """What may stand behind an object's name: its arguments, the first one alone, or nothing."""
    arguments: Schema = _finished(table.model(name).model_json_schema())
    description = arguments.pop("description")
    if len(arguments.get("required", ())) > 1:
        return {"description": description, "anyOf": [arguments]}
    first = next(iter(arguments["properties"].values()), {"type": "null"})
    first = {key: value for key, value in first.items() if key != "description"}
    rest: Schema = {"else": {"if": {"type": "null"}, "else": first}} if arguments["properties"] else {"else": first}
    if _needs_argument(table, name):
        rest = {"else": first, "anyOf": [True, first]}
    return {"description": description, "if": {"type": "object"}, "then": arguments, **rest}


def _needs_argument(table: Registry, name: str) -> bool:
    return any(field.is_required() for field in table.model(name).model_fields.values())


def _aliases(table: Registry, name: str) -> list[str]:
    """The other spellings of `name`."""
    return [alias for alias, meant in table.aliases.items() if meant == name and alias != name]


def _description(table: Registry, name: str) -> str | None:
    return table.model(name).__doc__


def _link(definition: str) -> Schema:
    return {"$ref": f"#/$defs/{definition}"}


def _one_of(names: Iterable[str]) -> Schema:
    """One of `names`, as a pattern, which editors do not offer."""
    return {"type": "string", "pattern": f"^({'|'.join(map(re.escape, names))})$"}


def _finished(schema: Any) -> Any:
    """What pydantic gives, with a reference to each table that it only names, and without its titles.

    `oneOf` becomes `anyOf`: the alternatives exclude each other, and editors complete the latter alone.
    """
    match schema:
        case {"x-registry": definition}:
            return _link(definition) | {key: schema[key] for key in ("default", "description") if key in schema}
        case {"title": str()}:
            return _finished({key: value for key, value in schema.items() if key != "title"})
        case dict():
            return {"anyOf" if key == "oneOf" else key: _finished(value) for key, value in schema.items()}
        case list():
            return [_finished(value) for value in schema]
    return schema
