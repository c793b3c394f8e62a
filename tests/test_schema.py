"""The shape of a config: its defaults, and the JSON Schema that editors are given."""

import json
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from mnist_pipeline.config import presets
from mnist_pipeline.config.catalog import TABLES
from mnist_pipeline.config.objects import Table
from mnist_pipeline.config.schema import Config, Data, Model, Training, json_schema, section_keys
from mnist_pipeline.config.source import parse
from tests.strategies import any_thing, configs

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


# Defaults


def test_a_model_and_a_loss_are_a_config() -> None:
    config = Config.model_validate(SMALLEST)
    assert config.optimizer.class_name == "Adam"
    assert [metric.class_name for metric in config.metrics] == ["accuracy"]
    assert config.callbacks == []
    assert config.seed == 0
    assert config.data.kind == "digit"
    assert (config.data.dataset, config.data.validation_split) == ("mnist", 0.2)
    assert (config.data.train_samples, config.data.test_samples) == (None, None)


@pytest.mark.parametrize("missing", ["model", "loss"])
def test_model_and_loss_have_no_default(missing: str) -> None:
    with pytest.raises(ValidationError) as error:
        Config.model_validate({key: value for key, value in SMALLEST.items() if key != missing})
    assert ("missing", (missing,)) in [(each["type"], each["loc"]) for each in error.value.errors()]


@pytest.mark.parametrize(
    ("target", "metric"), [("digit", "accuracy"), ({"positive": [1]}, "accuracy"), ("value", "MeanAbsoluteError")]
)
def test_the_usual_metric_is_the_one_that_suits_the_target(target: Any, metric: str) -> None:
    config = Config.model_validate(SMALLEST | {"data": {"target": target}})
    assert [each.class_name for each in config.metrics] == [metric]


def test_an_empty_list_of_metrics_stays_empty() -> None:
    assert Config.model_validate(SMALLEST | {"metrics": []}).metrics == []


@pytest.mark.parametrize(
    ("target", "kind", "positive"),
    [("digit", "digit", []), ("value", "value", []), ({"positive": [1, 3]}, "positive", [1, 3])],
    ids=["digit", "value", "positive"],
)
def test_the_target_says_what_kind_of_answer_is_wanted(target: Any, kind: str, positive: list[int]) -> None:
    data = Data.model_validate({"target": target})
    assert (data.kind, data.positive) == (kind, positive)


@pytest.mark.parametrize(
    ("loss", "numbers"),
    [
        ("categorical_crossentropy", False),
        ("sparse_categorical_crossentropy", True),
        ("CategoricalGeneralizedCrossEntropy", True),
        ("mse", False),
    ],
)
def test_a_sparse_loss_wants_labels_as_numbers(loss: str, numbers: bool) -> None:
    assert Config.model_validate(SMALLEST | {"loss": loss}).labels_are_numbers is numbers


# What is refused


@pytest.mark.parametrize(
    ("section", "value"),
    [
        (Config, SMALLEST | {"seed": -1}),
        (Config, SMALLEST | {"seed": 2**32}),
        (Config, SMALLEST | {"seed": "7"}),
        (Config, SMALLEST | {"optimiser": "Adam"}),
        (Config, SMALLEST | {"metrics": "accuracy"}),
        (Config, SMALLEST | {"optimizer": None}),
        (Data, {"validation_split": 1}),
        (Data, {"validation_split": -0.1}),
        (Data, {"validation_split": "0.2"}),
        (Data, {"dataset": 3}),
        (Data, {"target": "odd"}),
        (Data, {"target": None}),
        (Data, {"target": {"positive": []}}),
        (Data, {"target": {"positive": [10]}}),
        (Data, {"target": {"positive": list(range(10))}}),
        (Data, {"target": {"negative": [1]}}),
        (Data, {"train_samples": 0}),
        (Model, {"layers": []}),
        (Model, {"layers": "Flatten"}),
        (Model, {}),
        (Training, {"epochs": 0}),
        (Training, {"epochs": 1.0}),
        (Training, {"batch_size": True}),
        (Training, {"device": "tpu"}),
        (Training, {"epoch": 1}),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else str(value)[-40:],
)
def test_a_value_outside_the_contract_is_refused(section: type[BaseModel], value: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        section.model_validate(value)


def test_a_config_cannot_be_changed_once_it_is_read() -> None:
    config = Config.model_validate(SMALLEST)
    with pytest.raises(ValidationError, match="frozen"):
        config.seed = 1


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ((), ["seed", "data", "model", "optimizer", "loss", "metrics", "training", "callbacks"]),
        (("data",), ["dataset", "validation_split", "target", "train_samples", "test_samples"]),
        (("data", "target"), ["positive"]),
        (("model",), ["layers"]),
        (("training",), list(Training.model_fields)),
        (("model", "layers"), []),
        (("optimizer", "Adam"), []),
        (("nothing", "here"), []),
    ],
    ids=str,
)
def test_a_section_knows_its_keys(path: tuple[str, ...], keys: list[str]) -> None:
    assert section_keys(path) == keys


# The JSON Schema


def test_the_json_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


def test_every_reference_in_the_json_schema_leads_somewhere() -> None:
    text = json.dumps(SCHEMA)
    references = {part.split('"')[0] for part in text.split('"$ref": "#/$defs/')[1:]}
    assert references <= set(SCHEMA["$defs"])
    assert "x-table" not in text


def test_every_key_of_a_section_is_described() -> None:
    sections = [SCHEMA, *(SCHEMA["$defs"][name] for name in ("Data", "Model", "Positive", "Training"))]
    for section in sections:
        for key, value in section["properties"].items():
            described = value.get("description") or SCHEMA["$defs"][value["$ref"].rpartition("/")[2]]["description"]
            assert described, key


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.definition)
def test_every_object_is_described_in_the_json_schema(table: Table) -> None:
    for name in table.signatures:
        assert SCHEMA["$defs"][f"{table.definition}.{name}"]["description"].endswith((".", ")")), name


@pytest.mark.parametrize("name", presets.names())
def test_the_json_schema_accepts_every_preset_as_written_and_written_out(name: str) -> None:
    data = preset(name)
    written_out = Config.model_validate(data).plain()
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


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(configs())
def test_the_package_reads_whatever_the_json_schema_describes(data: dict[str, Any]) -> None:
    assert VALIDATOR.is_valid(data)
    config = Config.model_validate(data)
    assert VALIDATOR.is_valid(config.plain())


OTHER = st.none() | st.booleans() | st.integers(-2, 12) | st.floats(-1, 2) | st.sampled_from(["", "relu", "Dense", "x"])


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.definition)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_the_json_schema_refuses_the_package_refuses_too(table: Table, data: st.DataObject) -> None:
    written = data.draw(any_thing(table.definition).filter(lambda thing: isinstance(thing, dict)))
    name, arguments = next(iter(written.items()))
    changed = {name: arguments | {data.draw(st.sampled_from([*arguments, "nonsense"])): data.draw(OTHER)}}
    kind = {"$ref": f"#/$defs/{table.definition}", "$defs": SCHEMA["$defs"]}
    if not Draft202012Validator(kind).is_valid(changed):
        with pytest.raises((ValidationError, PydanticCustomError)):
            table.read(changed)
