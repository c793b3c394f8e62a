"""Hypothesis strategies for configs, drawn from the JSON Schema for editors."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from mnist_pipeline.config.json_schema import json_schema

SCHEMA = json_schema()

LENGTHS = ["1 epoch", "2 epochs", "0.5 epochs", "12.25 epochs"]
MAX_NUMBER = 2.0**40
MAX_NESTING = 3


def thing(kind: str, name: str) -> st.SearchStrategy[Any]:
    """`Name: {argument: value}` for a Keras class, without some of its arguments.

    `kind`: as in `$defs`.
    """
    return _written(f"{kind}.{name}", name, 0)


def arguments(kind: str, name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Arguments of a Keras class: those it needs, and some of the others."""
    return _from(with_arguments(f"{kind}.{name}"), 0)


def any_thing(kind: str) -> st.SearchStrategy[Any]:
    """Any Keras object of a kind."""
    return _kind(kind, 0)


def configs() -> st.SearchStrategy[dict[str, Any]]:
    """Configs whose sections are valid each on its own; together they may not be."""
    return _from(SCHEMA, 0)


def with_arguments(definition: str) -> dict[str, Any]:
    """The part of a definition about a mapping."""
    schema: dict[str, Any] = SCHEMA["$defs"][definition]
    return schema.get("then") or schema.get("anyOf", [schema])[0]


def _written(definition: str, name: str, depth: int) -> st.SearchStrategy[Any]:
    schema = with_arguments(definition)
    mapping = _from(schema, depth).map(lambda drawn: {name: drawn})
    return mapping if schema.get("required") else st.just(name) | mapping


def _kind(kind: str, depth: int) -> st.SearchStrategy[Any]:
    """An object of a kind; merging layers nest at most MAX_NESTING deep."""
    properties = with_arguments(kind)["allOf"][0]["properties"]
    names = {name: each["$ref"].removeprefix("#/$defs/") for name, each in properties.items()}
    if depth >= MAX_NESTING:
        names = {name: target for name, target in names.items() if "branches" not in str(SCHEMA["$defs"][target])}
    return st.sampled_from(sorted(names)).flatmap(lambda name: _written(names[name], name, depth + 1))


def _from(schema: dict[str, Any], depth: int) -> st.SearchStrategy[Any]:
    """What a schema allows, with small lists, and numbers of a usual size."""
    match schema:
        case {"$ref": reference}:
            name = reference.removeprefix("#/$defs/")
            definition = SCHEMA["$defs"][name]
            return _from(definition, depth) if "properties" in definition else _kind(name, depth)
        case {"anyOf": alternatives} | {"oneOf": alternatives}:
            return st.one_of([_from(each, depth) for each in alternatives])
        case {"enum": choices}:
            return st.sampled_from(choices)
        case {"const": value}:
            return st.just(value)
    return TYPES[schema["type"]](schema, depth)


def _text(schema: dict[str, Any], _depth: int) -> st.SearchStrategy[str]:
    """Text; a length in epochs if the schema has a pattern (only lengths have one)."""
    return st.sampled_from(LENGTHS) if "pattern" in schema else st.text("abcxyz_", min_size=1, max_size=8)


def _list(schema: dict[str, Any], depth: int) -> st.SearchStrategy[list[Any]]:
    least = schema.get("minItems", 0)
    most = min(schema.get("maxItems", least + 2), least + 2)
    return st.lists(_from(schema["items"], depth), min_size=least, max_size=most)


def _mapping(schema: dict[str, Any], depth: int) -> st.SearchStrategy[dict[str, Any]]:
    needed, fields = schema.get("required", []), schema["properties"]
    optional = {name: _from(each, depth) for name, each in fields.items() if name not in needed}
    return st.fixed_dictionaries({name: _from(fields[name], depth) for name in needed}, optional=optional)


def _number(schema: dict[str, Any], _depth: int) -> st.SearchStrategy[Any]:
    least = schema.get("minimum", schema.get("exclusiveMinimum"))
    most = schema.get("maximum", schema.get("exclusiveMaximum"))
    if schema["type"] == "integer":
        first = (least + ("exclusiveMinimum" in schema)) if least is not None else -5
        last = (most - ("exclusiveMaximum" in schema)) if most is not None else first + 300
        return st.integers(first, min(last, first + 300)) | st.integers(first, min(last, first + 10))
    return st.floats(
        -MAX_NUMBER if least is None else least,
        MAX_NUMBER if most is None else most,
        exclude_min="exclusiveMinimum" in schema,
        exclude_max="exclusiveMaximum" in schema,
        allow_subnormal=False,
    )


TYPES: dict[str, Callable[[dict[str, Any], int], st.SearchStrategy[Any]]] = {
    "null": lambda _schema, _depth: st.none(),
    "boolean": lambda _schema, _depth: st.booleans(),
    "integer": _number,
    "number": _number,
    "string": _text,
    "array": _list,
    "object": _mapping,
}
