"""A Keras object is `Name`, `Name: first argument` or `Name: {argument: value}`."""

from typing import Annotated, Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from mnist_pipeline.config.keras.catalog import REGISTRIES
from mnist_pipeline.config.keras.catalog.callbacks import CALLBACKS
from mnist_pipeline.config.keras.catalog.initializers import INITIALIZERS
from mnist_pipeline.config.keras.catalog.layers import LAYERS
from mnist_pipeline.config.keras.catalog.losses import LOSSES
from mnist_pipeline.config.keras.catalog.metrics import METRICS
from mnist_pipeline.config.keras.catalog.optimizers import OPTIMIZERS
from mnist_pipeline.config.keras.catalog.schedules import SCHEDULES
from mnist_pipeline.config.keras.explain import explain_error
from mnist_pipeline.config.keras.spec import KerasSpec, Registry, snake_case, to_plain_data
from mnist_pipeline.config.keras.types import Epochs
from mnist_pipeline.config.schema import BinaryTarget, Config
from mnist_pipeline.config.yaml.reader import parse
from tests.strategies import any_thing, configs

DRAWN = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def errors(registry: Registry, value: Any) -> list[tuple[str, str]]:
    """Path and message of each error in `value`."""
    try:
        TypeAdapter(Annotated[KerasSpec, registry]).validate_python(value)
    except ValidationError as error:
        return [(".".join(map(str, each["loc"])), explain_error(each, "", [])) for each in error.errors()]
    return []


# Three ways of writing


@pytest.mark.parametrize(
    ("registry", "first", "second"),
    [
        (LAYERS, "Flatten", {"Flatten": None}),
        (LAYERS, "Flatten", {"Flatten": {}}),
        (LAYERS, {"Dense": 10}, {"Dense": {"units": 10}}),
        (LAYERS, {"Activation": "relu"}, {"Activation": {"activation": "relu"}}),
        (LAYERS, "MaxPooling2D", {"MaxPooling2D": 2}),
        (LAYERS, {"MaxPooling2D": [2, 3]}, {"MaxPooling2D": {"pool_size": [2, 3]}}),
        (LAYERS, {"Reshape": [784]}, {"Reshape": {"target_shape": [784]}}),
        (LAYERS, {"Add": [[], ["Identity"]]}, {"Add": {"branches": [[], ["Identity"]]}}),
        (LAYERS, "max_pooling2d", "MaxPool2D"),
        (OPTIMIZERS, {"SGD": 0.1}, {"sgd": {"learning_rate": 0.1}}),
        (LOSSES, "mse", "MeanSquaredError"),
        (LOSSES, {"mse": {}}, {"mean_squared_error": None}),
        (METRICS, {"AUC": 100}, {"AUC": {"num_thresholds": 100}}),
    ],
    ids=lambda value: "" if isinstance(value, Registry) else str(value),
)
def test_two_ways_of_writing_mean_the_same_object(registry: Registry, first: Any, second: Any) -> None:
    assert registry.read(first) == registry.read(second)


def test_an_argument_that_is_left_out_has_its_default() -> None:
    assert LAYERS.read("MaxPooling2D") == KerasSpec(
        "layers", "MaxPooling2D", {"pool_size": 2, "strides": None, "padding": "valid"}
    )


def test_a_default_that_names_an_object_is_that_object() -> None:
    dense = LAYERS.read({"Dense": 10})
    assert dense.config["kernel_initializer"] == KerasSpec("initializers", "GlorotUniform", {})
    assert dense.config["kernel_regularizer"] is None


def test_an_integer_is_valid_where_a_float_is_expected() -> None:
    assert OPTIMIZERS.read({"SGD": 1}).config["learning_rate"] == 1.0


# Nesting


def test_an_optimizer_contains_a_schedule() -> None:
    decay = {"CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": "10 epochs"}}
    schedule = OPTIMIZERS.read({"Adam": {"learning_rate": decay}}).config["learning_rate"]
    assert (schedule.module, schedule.class_name) == ("optimizers.schedules", "CosineDecay")
    assert schedule.config["decay_steps"] == Epochs(10)


def test_a_layer_contains_initializers_regularizers_and_constraints() -> None:
    arguments = {
        "units": 1,
        "kernel_initializer": {"Constant": 2},
        "bias_regularizer": "l2",
        "kernel_constraint": "NonNeg",
    }
    config = LAYERS.read({"Dense": arguments}).config
    assert config["kernel_initializer"] == KerasSpec("initializers", "Constant", {"value": 2.0})
    assert config["bias_regularizer"] == KerasSpec("regularizers", "L2", {"l2": 0.01})
    assert config["kernel_constraint"] == KerasSpec("constraints", "NonNeg", {})


def test_branches_contain_layers_that_contain_branches() -> None:
    add = LAYERS.read({"Add": [[], [{"Concatenate": [["Flatten"], []]}]]})
    inner = add.config["branches"][1][0]
    assert add.config["branches"][0] == []
    assert inner.config["branches"][0] == [LAYERS.read("Flatten")]


@pytest.mark.parametrize(
    ("length", "epochs"), [("1 epoch", 1), ("10 epochs", 10), ("0.5 epochs", 0.5), ("3  epochs", 3), ("2 epoch", 2)]
)
def test_a_length_is_understood_in_epochs(length: str, epochs: float) -> None:
    decay = SCHEDULES.read({"CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": length}})
    assert decay.config["decay_steps"] == Epochs(epochs)


@pytest.mark.parametrize(
    "length", ["ten epochs", "0 epochs", "-1 epochs", "1e3 epochs", "10", "10 steps", "epochs", ""]
)
def test_the_error_about_a_length_shows_an_example(length: str) -> None:
    ((path, message),) = errors(SCHEDULES, {"CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": length}})
    assert path.startswith("CosineDecay.decay_steps")
    assert f"such as '10 epochs', received {length!r}" in message


# Aliases


@pytest.mark.parametrize(
    ("name", "snake"),
    [
        ("MeanSquaredError", "mean_squared_error"),
        ("AUC", "auc"),
        ("L1L2", "l1_l2"),
        ("KLDivergence", "kl_divergence"),
        ("R2Score", "r2_score"),
        ("FBetaScore", "f_beta_score"),
        ("ReduceLROnPlateau", "reduce_lr_on_plateau"),
        ("Conv2D", "conv2d"),
        ("Conv2DTranspose", "conv2d_transpose"),
        ("LeakyReLU", "leaky_re_lu"),
        ("TopKCategoricalAccuracy", "top_k_categorical_accuracy"),
        ("accuracy", "accuracy"),
    ],
)
def test_a_name_in_lower_case_is_the_one_that_keras_makes(name: str, snake: str) -> None:
    assert snake_case(name) == snake


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.definition)
def test_every_alias_leads_to_a_name_of_its_registry(registry: Registry) -> None:
    assert set(registry.aliases.values()) <= set(registry.signatures)
    assert all(registry.aliases.get(name, name) == name for name in registry.signatures)


@pytest.mark.parametrize(
    ("notation", "name"),
    [
        ("mse", "mse"),
        ("MAE", "MAE"),
        ("mean_squared_error", "mean_squared_error"),
        ("MeanSquaredError", "mean_squared_error"),
        ("AUC", "auc"),
        ({"mse": {"name": "distance"}}, "distance"),
        ({"AUC": {"name": "area"}}, "area"),
    ],
    ids=str,
)
def test_a_metric_is_called_what_the_user_calls_it(notation: Any, name: str) -> None:
    assert METRICS.read(notation).config["name"] == name


# Errors


@pytest.mark.parametrize(
    ("registry", "value", "expected"),
    [
        (LAYERS, "Dens", [("", "'Dens' is not a layer. Did you mean 'Dense'?")]),
        (LAYERS, {"Linear": 10}, [("", "'Linear' is not a layer. Did you mean 'Dense'?")]),
        (OPTIMIZERS, "Adm", [("", "'Adm' is not an optimizer. Did you mean 'Adam'?")]),
        (LAYERS, "Dense", [("Dense.units", "Dense: missing required argument 'units'")]),
        (LAYERS, {"Dense": {"unit": 10}}, [("Dense.unit", "Dense: unknown argument 'unit'. Did you mean 'units'?")]),
        (LAYERS, {"Dense": "ten"}, [("Dense.units", "units: expected an integer, received 'ten'")]),
        (LAYERS, {"Dense": 1.5}, [("Dense.units", "units: expected an integer, received 1.5")]),
        (LAYERS, {"Dense": True}, [("Dense.units", "units: expected an integer, received true")]),
        (LAYERS, {"Dropout": 1}, [("Dropout.rate", "rate: expected a number less than 1, received 1")]),
        (
            LAYERS,
            {"Activation": "rellu"},
            [("Activation.activation", "activation: unknown value 'rellu'. Did you mean 'relu'?")],
        ),
        (LAYERS, {"Flatten": 3}, [("Flatten", "Flatten takes no arguments")]),
        (LAYERS, {"Flatten": {"a": 3}}, [("Flatten.a", "Flatten: unknown argument 'a'. Flatten takes none")]),
        (
            LAYERS,
            {"Dense": 1, "Dropout": 0.5},
            [("", "expected one layer, received Dense, Dropout. Indent the arguments below its name")],
        ),
        (
            LAYERS,
            {"Add": [[], [{"Dens": 1}]]},
            [("Add.branches.1.0", "'Dens' is not a layer. Did you mean 'Dense'?")],
        ),
        (
            OPTIMIZERS,
            {"Adam": {"learning_rate": "fast"}},
            [("Adam.learning_rate", "learning_rate: expected a number or a mapping, received 'fast'")],
        ),
        (
            OPTIMIZERS,
            {"Adam": {"learning_rate": {"Cosine": {}}}},
            [("Adam.learning_rate.mapping", "'Cosine' is not a learning-rate schedule. Did you mean 'CosineDecay'?")],
        ),
        (
            LAYERS,
            {"Dense": {"units": 0, "use_bias": 1}},
            [
                ("Dense.units", "units: expected a number greater than 0, received 0"),
                ("Dense.use_bias", "use_bias: expected true or false, received 1"),
            ],
        ),
        (LAYERS, {"Dense": {"units": 1, "activation": "softmax"}}, []),
    ],
    ids=lambda value: "" if isinstance(value, Registry) else str(value)[:50],
)
def test_an_error_has_a_path_and_a_message(registry: Registry, value: Any, expected: list[tuple[str, str]]) -> None:
    assert errors(registry, value) == expected


@pytest.mark.parametrize("value", [None, 3, 1.5, True, [], ["Adam"], {}], ids=repr)
@pytest.mark.parametrize(("registry", "kind"), [(OPTIMIZERS, "an optimizer"), (LAYERS, "a layer"), (LOSSES, "a loss")])
def test_the_error_about_a_value_that_is_no_name_shows_what_one_looks_like(
    registry: Registry, kind: str, value: Any
) -> None:
    ((path, message),) = errors(registry, value)
    assert path == ""
    assert f"expected the name of {kind}, or Name: {{argument: value}}, received" in message


def test_an_error_shows_a_short_form_of_any_value() -> None:
    ((_, nothing),) = errors(LOSSES, None)
    ((_, long),) = errors(LOSSES, ["mse"] * 1000)
    ((_, endless),) = errors(LOSSES, [16**5000])
    assert nothing.endswith("received nothing")
    assert len(long) < 200
    assert len(endless) < 200


def test_the_error_about_an_unknown_name_lists_the_names_of_a_small_registry() -> None:
    ((_, message),) = errors(CALLBACKS, "zzz")
    assert all(name in message for name in CALLBACKS.signatures)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_number_that_is_not_finite_is_an_error(number: float) -> None:
    ((_, message),) = errors(OPTIMIZERS, {"Adam": number})
    assert "a finite number" in message


# Plain data


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (KerasSpec("layers", "Flatten", {}), "Flatten"),
        (KerasSpec("layers", "Softmax", {"axis": -1}), {"Softmax": {"axis": -1}}),
        ([KerasSpec("layers", "Flatten", {}), 3, None], ["Flatten", 3, None]),
        (Epochs(10), "10 epochs"),
        (Epochs(1), "1 epoch"),
        (BinaryTarget(positive=[1, 3]), {"positive": [1, 3]}),
        ("text", "text"),
    ],
    ids=["bare", "arguments", "list", "epochs", "epoch", "section", "text"],
)
def test_objects_become_plain_data(value: Any, plain: Any) -> None:
    assert to_plain_data(value) == plain


@pytest.mark.parametrize("length", ["0.00001 epochs", "123456.5 epochs", "12.345678 epochs", "999999 epochs"])
def test_a_length_keeps_all_its_digits(length: str) -> None:
    notation = {"CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": length}}
    decay = SCHEDULES.read(notation)
    assert SCHEDULES.read(decay.plain()) == decay


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.definition)
@DRAWN
@given(data=st.data())
def test_plain_data_of_an_object_reads_as_the_same_object(registry: Registry, data: st.DataObject) -> None:
    thing = registry.read(data.draw(any_thing(registry.definition)))
    assert registry.read(thing.plain()) == thing


@DRAWN
@given(configs())
def test_plain_data_of_a_config_reads_as_the_same_config(data: dict[str, Any]) -> None:
    config = Config.model_validate(data)
    assert Config.model_validate(config.to_dict()) == config
    assert Config.model_validate(parse(yaml.safe_dump(config.to_dict()), "config.yaml").data) == config


def test_an_initializer_written_as_text_is_the_same_as_by_default() -> None:
    assert INITIALIZERS.read("glorot_uniform") == INITIALIZERS.read("GlorotUniform")


# Registries


def test_a_registry_contains_its_names_in_each_spelling() -> None:
    assert "MeanSquaredError" in LOSSES
    assert "mse" in LOSSES
    assert "Dense" not in LOSSES


def test_a_class_has_the_same_arguments_in_each_spelling_of_its_name() -> None:
    assert LAYERS.arguments("MaxPooling2D") == ["pool_size", "strides", "padding"]
    assert LAYERS.arguments("max_pooling2d") == LAYERS.arguments("MaxPooling2D")
    assert LAYERS.arguments("Adam") == []


def test_a_registry_finds_the_classes_with_an_argument() -> None:
    assert SCHEDULES.with_argument("end_learning_rate") == ["PolynomialDecay"]
    assert SCHEDULES.with_argument("units") == []
