"""The JSON Schema is strict, agrees with the package, and helps in an editor."""

import inspect
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from mnist_pipeline.config import presets
from mnist_pipeline.config.json_schema import json_schema
from mnist_pipeline.config.keras.arguments import ARGUMENT_DESCRIPTIONS, ROLES, WEIGHTS, argument_key
from mnist_pipeline.config.keras.catalog import REGISTRIES
from mnist_pipeline.config.keras.spec import Registry
from mnist_pipeline.config.schema import Config
from mnist_pipeline.config.yaml.reader import parse
from tests.strategies import any_thing, configs, with_arguments

SOFTMAX = {"layers": ["Flatten", {"Dense": {"units": 10, "activation": "softmax"}}]}
SMALLEST = {"model": SOFTMAX, "loss": "categorical_crossentropy"}

SCHEMA = json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)


def preset(name: str) -> dict[str, Any]:
    """The data of a preset, as written."""
    text = (presets.folder() / f"{name}.yaml").read_text(encoding="utf-8")
    data: dict[str, Any] = parse(text, name).data
    return data


def accepted(data: Any) -> bool:
    """Whether the package reads `data` as a config."""
    try:
        Config.model_validate(data)
    except ValidationError:
        return False
    return True


# Valid and strict


def subschemas(schema: Any) -> Iterator[dict[str, Any]]:
    """`schema`, and each schema within it."""
    if not isinstance(schema, dict):
        return
    yield schema
    for key, value in schema.items():
        if key in ("$defs", "properties", "patternProperties"):
            within = list(value.values())
        elif key in ("anyOf", "oneOf", "allOf"):
            within = value
        else:
            within = [value] if key in ("items", "if", "then", "else", "additionalProperties") else []
        for each in within:
            yield from subschemas(each)


# Keywords, and the types that a strict validator requires beside them.
TYPED = {
    "minimum maximum exclusiveMinimum exclusiveMaximum": "integer number",
    "items minItems maxItems": "array",
    "properties patternProperties additionalProperties required minProperties maxProperties": "object",
    "pattern": "string",
}
TYPES = {keyword: types.split() for keywords, types in TYPED.items() for keyword in keywords.split()}
OTHERS = {"$schema", "$defs", "$ref", "type", "enum", "const", "anyOf", "oneOf", "allOf", "if", "then", "else",
          "description", "default"}  # fmt: skip


def violations(schema: dict[str, Any]) -> Iterator[str]:
    """What a strict validator (ajv with strict: true) reports about `schema` itself."""
    patterns, properties = schema.get("patternProperties", ()), schema.get("properties", ())
    yield from (f"unknown keyword {key}" for key in schema if key not in OTHERS | set(TYPES))
    yield from (f"{key} without its type" for key in TYPES if key in schema and schema.get("type") not in TYPES[key])
    yield from (f"an empty {key}" for key in ("enum", "anyOf", "oneOf", "allOf") if schema.get(key) == [])
    yield from (f"{name} matches {each} too" for name in properties for each in patterns if re.search(each, name))
    choices = [json.dumps(choice) for choice in schema.get("enum", ())]
    if len(choices) != len(set(choices)):
        yield "an enum that repeats a value"
    if ("if" in schema) != ("then" in schema or "else" in schema):
        yield "an if without then and else, or these without if"
    if not set(schema.get("required", ())) <= set(properties):
        yield "a required property that is none"


def test_a_strict_validator_finds_nothing() -> None:
    assert [(violation, str(schema)[:200]) for schema in subschemas(SCHEMA) for violation in violations(schema)] == []


@pytest.mark.parametrize(
    "schema",
    [
        {"enum": []},
        {"enum": [1, 1]},
        {"minimum": 1},
        {"type": "string", "items": {}},
        {"if": {}},
        {"else": {}},
        {"doNotSuggest": True},
        {"type": "object", "properties": {"a": {}}, "required": ["b"]},
        {"type": "object", "properties": {"a": {}}, "patternProperties": {"^a": {}}},
    ],
    ids=str,
)
def test_a_strict_validator_finds_what_is_lax(schema: dict[str, Any]) -> None:
    assert list(violations(schema))


def test_the_json_schema_is_valid() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


def test_every_reference_in_the_json_schema_leads_somewhere() -> None:
    text = json.dumps(SCHEMA)
    references = {part.split('"')[0] for part in text.split('"$ref": "#/$defs/')[1:]}
    assert references <= set(SCHEMA["$defs"])
    assert "x-registry" not in text


def test_every_key_of_a_section_is_described() -> None:
    sections = [SCHEMA, *(SCHEMA["$defs"][name] for name in ("Data", "Model", "BinaryTarget", "Training"))]
    for section in sections:
        for key, value in section["properties"].items():
            described = value.get("description") or SCHEMA["$defs"][value["$ref"].rpartition("/")[2]]["description"]
            assert described, key


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.definition)
def test_every_object_is_described_in_the_json_schema(registry: Registry) -> None:
    for name in registry.signatures:
        assert SCHEMA["$defs"][f"{registry.definition}.{name}"]["description"].endswith((".", ")")), name


@pytest.mark.parametrize("name", presets.names())
def test_the_json_schema_accepts_every_preset_with_and_without_its_defaults(name: str) -> None:
    data = preset(name)
    written_out = Config.model_validate(data).to_dict()
    assert [error.message for error in VALIDATOR.iter_errors(data)] == []
    assert [error.message for error in VALIDATOR.iter_errors(yaml.safe_load(yaml.safe_dump(written_out)))] == []


@pytest.mark.parametrize(
    "change",
    [
        {"optimiser": "Adam"},
        {"optimizer": "Adamm"},
        {"optimizer": {"Adam": {"lr": 0.1}}},
        {"optimizer": {"Adam": {}, "SGD": {}}},
        {"optimizer": {"Adam": {"learning_rate": 0}}},
        {"optimizer": {"Adam": {"learning_rate": {"CosineDecay": {"decay_steps": 3}}}}},
        {"optimizer": {"Adam": {"learning_rate": {"ExponentialDecay": {"decay_steps": "ten epochs"}}}}},
        {"loss": None},
        {"metrics": "accuracy"},
        {"metrics": ["acc"]},
        {"callbacks": [{"EarlyStopping": {"monitr": "val_loss"}}]},
        {"data": {"target": "odd"}},
        {"data": {"target": {"positive": [10]}}},
        {"training": {"epochs": 0}},
        {"training": {"epoch": 1}},
        {"model": {"layers": []}},
        {"model": {"layers": ["Dense"]}},
        {"model": {"layers": [{"Dense": {"unit": 3}}]}},
        {"model": {"layers": [{"Flatten": 3}]}},
        {"model": {"layers": [{"Lambda": "print"}]}},
        {"model": {"layers": [{"Add": [[], [{"Dens": 3}]]}]}},
        {"model": {"layers": [{"Dense": 3, "Dropout": 0.5}]}},
        {"seed": "7"},
    ],
    ids=lambda value: str(value)[:60],
)
def test_the_json_schema_refuses_what_the_package_refuses(change: dict[str, Any]) -> None:
    assert not accepted(SMALLEST | change)
    assert not VALIDATOR.is_valid(SMALLEST | change)


@pytest.mark.parametrize(
    "change",
    [
        {"model": {"layers": [{"Dense": None}]}},
        {"optimizer": {"Adam": {"CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": 10}}}},
    ],
    ids=["nothing for a needed argument", "a mapping as the first argument"],
)
def test_the_json_schema_and_the_package_agree(change: dict[str, Any]) -> None:
    assert VALIDATOR.is_valid(SMALLEST | change) == accepted(SMALLEST | change)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(configs())
def test_the_package_reads_whatever_the_json_schema_describes(data: dict[str, Any]) -> None:
    assert VALIDATOR.is_valid(data)
    config = Config.model_validate(data)
    assert VALIDATOR.is_valid(config.to_dict())


@pytest.mark.parametrize("number", [30.0, 1e3, 30.5, 0.0, -1.0, 1e7])
def test_the_json_schema_and_the_package_agree_on_what_an_integer_is(number: float) -> None:
    change = {"training": {"epochs": number}}
    layer = {"model": {"layers": [{"MaxPooling2D": [number, 2]}, {"Dense": number}, {"Reshape": [number]}]}}
    for each in (change, layer):
        assert VALIDATOR.is_valid(SMALLEST | each) == accepted(SMALLEST | each), each


OTHER = (
    st.none() | st.booleans() | st.integers(-2, 12) | st.floats(-1, 2)
    | st.sampled_from(["", "relu", "Dense", "x", "l2", 3.0, 28.0, -1.0, [], {}, [2.0, 3], ["Flatten"], {"L2": 1.0}])
)  # fmt: skip


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.definition)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_the_json_schema_and_the_package_agree_on_any_arguments_of_a_name(
    registry: Registry, data: st.DataObject
) -> None:
    notation = data.draw(any_thing(registry.definition).filter(lambda thing: isinstance(thing, dict)))
    name, arguments = next(iter(notation.items()))
    changed = arguments | {data.draw(st.sampled_from([*arguments, "nonsense"])): data.draw(OTHER)}
    notation = {name: data.draw(OTHER | st.just(changed))}
    kind = {"$ref": f"#/$defs/{registry.definition}", "$defs": SCHEMA["$defs"]}
    try:
        registry.read(notation)
    except (ValidationError, PydanticCustomError):
        assert not Draft202012Validator(kind).is_valid(notation)
    else:
        assert Draft202012Validator(kind).is_valid(notation)


# In an editor


def editor_errors(change: dict[str, Any]) -> list[tuple[str, str]]:
    """Path and keyword of each error of a config: an editor shows one line for each."""
    errors = VALIDATOR.iter_errors(SMALLEST | change)
    return [(".".join(map(str, error.absolute_path)), str(error.validator)) for error in errors]


@pytest.mark.parametrize(
    ("layer", "place", "keyword"),
    [
        ({"Dropout": 30}, ".Dropout", "exclusiveMaximum"),
        ({"Dropout": "half"}, ".Dropout", "type"),
        ({"Activation": "rleu"}, ".Activation", "enum"),
        ({"Dense": {"units": 3, "activation": "rleu"}}, ".Dense.activation", "anyOf"),
        ({"Dense": {"units": 3, "unit": 3}}, ".Dense", "additionalProperties"),
        ({"Dense": None}, ".Dense", "type"),
        ({"Dens": 3}, "", "additionalProperties"),
        ({"Flatten": "Flatten"}, ".Flatten", "type"),
        ({"Dense": 3, "Dropout": 0.5}, "", "maxProperties"),
        ({"Add": [[], [{"Dropout": 30}]]}, ".Add.1.0.Dropout", "exclusiveMaximum"),
        ("Dense", "", "type"),
        ("Flat", "", "anyOf"),
    ],
    ids=str,
)
def test_an_editor_marks_only_the_value_that_is_wrong(layer: Any, place: str, keyword: str) -> None:
    assert editor_errors({"model": {"layers": [layer]}}) == [(f"model.layers.0{place}", keyword)]


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.definition)
def test_an_editor_offers_each_name_once_as_keras_spells_it(registry: Registry) -> None:
    kind = SCHEMA["$defs"][registry.definition]
    (names,) = with_arguments(registry.definition)["allOf"]
    assert list(names["properties"]) == list(registry.signatures)
    assert "maxProperties" not in names  # with it, the YAML language server offers nothing below an empty key
    alone = [each["const"] for each in SCHEMA["$defs"].get(f"{registry.definition}.names", {"anyOf": []})["anyOf"]]
    assert alone == [
        name for name in registry.signatures if not registry.model(name).model_json_schema().get("required")
    ]
    assert kind.get("anyOf", []) == ([True, {"$ref": f"#/$defs/{registry.definition}.names"}] if alone else [])


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.definition)
def test_every_spelling_of_a_name_is_valid_however_it_is_offered(registry: Registry) -> None:
    kind = Draft202012Validator({"$ref": f"#/$defs/{registry.definition}", "$defs": SCHEMA["$defs"]})
    for alias, name in registry.aliases.items():
        needs = registry.model(name).model_json_schema().get("required")
        assert kind.is_valid(alias) == (not needs)
        assert kind.is_valid({alias: {}}) == (not needs)
        assert not kind.is_valid({alias: {"nonsense": 1}})


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.definition)
def test_an_editor_shows_what_a_name_and_an_argument_mean(registry: Registry) -> None:
    for name, signature in registry.signatures.items():
        definition = SCHEMA["$defs"][f"{registry.definition}.{name}"]
        assert definition["description"] == inspect.getdoc(signature)
        for argument, schema in with_arguments(f"{registry.definition}.{name}")["properties"].items():
            assert schema["description"].endswith("."), (name, argument)


def test_every_description_of_an_argument_is_used() -> None:
    keys = {
        argument_key(name, argument)
        for registry in REGISTRIES
        for name, signature in registry.signatures.items()
        for argument in inspect.signature(signature).parameters
    }
    made = {f"{part}_{role}" for part in WEIGHTS for role in ROLES}
    assert set(ARGUMENT_DESCRIPTIONS) - made <= keys
