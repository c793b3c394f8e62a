"""Hypothesis strategies for configs, drawn from the JSON Schema that editors are given."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from mnist_pipeline.config.json_schema import json_schema

SCHEMA = json_schema()

LENGTHS = ["1 epoch", "2 epochs", "0.5 epochs", "12.25 epochs"]
LARGEST = 2.0**40
DEEPEST = 3


def thing(kind: str, name: str) -> st.SearchStrategy[Any]:
    """`Name: {argument: value}` for a Keras object, some of its arguments left out; `kind` as in `$defs`."""
    return _written(f"{kind}.{name}", name, 0)


def arguments(kind: str, name: str) -> st.SearchStrategy[dict[str, Any]]:
    """The arguments of a Keras object, those it needs and some of the others."""
    return _from(with_arguments(f"{kind}.{name}"), 0)


def any_thing(kind: str) -> st.SearchStrategy[Any]:
    """Any Keras object of a kind."""
    return _kind(kind, 0)


def configs() -> st.SearchStrategy[dict[str, Any]]:
    """Whole configs in which every section is sound on its own; whether they fit together is another question."""
    return _from(SCHEMA, 0)


def with_arguments(definition: str) -> dict[str, Any]:
    """The part of a definition that is for a mapping."""
    found: dict[str, Any] = SCHEMA["$defs"][definition]
    return found.get("then") or found.get("anyOf", [found])[0]


def _written(definition: str, name: str, depth: int) -> st.SearchStrategy[Any]:
    found = with_arguments(definition)
    mapping = _from(found, depth).map(lambda drawn: {name: drawn})
    return mapping if found.get("required") else st.just(name) | mapping


def _kind(kind: str, depth: int) -> st.SearchStrategy[Any]:
    """An object of a kind; merging layers stand in each other only so deep."""
    properties = with_arguments(kind)["allOf"][0]["properties"]
    names = {name: each["$ref"].removeprefix("#/$defs/") for name, each in properties.items()}
    if depth >= DEEPEST:
        names = {name: target for name, target in names.items() if "branches" not in str(SCHEMA["$defs"][target])}
    return st.sampled_from(sorted(names)).flatmap(lambda name: _written(names[name], name, depth + 1))


def _from(schema: dict[str, Any], depth: int) -> st.SearchStrategy[Any]:
    """What a schema allows, with small lists and numbers of a size that a config has."""
    match schema:
        case {"$ref": reference}:
            name = reference.removeprefix("#/$defs/")
            found = SCHEMA["$defs"][name]
            return _from(found, depth) if "properties" in found else _kind(name, depth)
        case {"anyOf": alternatives} | {"oneOf": alternatives}:
            return st.one_of([_from(each, depth) for each in alternatives])
        case {"enum": choices}:
            return st.sampled_from(choices)
        case {"const": value}:
            return st.just(value)
    return TYPES[schema["type"]](schema, depth)


def _text(schema: dict[str, Any], _depth: int) -> st.SearchStrategy[str]:
    """A length in epochs where the schema has a pattern, which is the only one there is."""
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
        -LARGEST if least is None else least,
        LARGEST if most is None else most,
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
