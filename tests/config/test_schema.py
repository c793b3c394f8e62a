"""Sections of a config, their defaults, and the values they refuse."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from mnist_pipeline.config.schema import Config, Data, Model, Training, section_keys

SOFTMAX = {"layers": ["Flatten", {"Dense": {"units": 10, "activation": "softmax"}}]}
SMALLEST = {"model": SOFTMAX, "loss": "categorical_crossentropy"}


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
def test_the_default_metric_suits_the_target(target: Any, metric: str) -> None:
    config = Config.model_validate(SMALLEST | {"data": {"target": target}})
    assert [each.class_name for each in config.metrics] == [metric]


def test_an_empty_list_of_metrics_stays_empty() -> None:
    assert Config.model_validate(SMALLEST | {"metrics": []}).metrics == []


@pytest.mark.parametrize(
    ("target", "kind", "positive"),
    [("digit", "digit", []), ("value", "value", []), ({"positive": [1, 3]}, "positive", [1, 3])],
    ids=["digit", "value", "positive"],
)
def test_the_target_determines_the_task(target: Any, kind: str, positive: list[int]) -> None:
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
def test_a_sparse_loss_takes_labels_as_integers(loss: str, numbers: bool) -> None:
    assert Config.model_validate(SMALLEST | {"loss": loss}).sparse_labels is numbers


# Refused values


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
        (Training, {"epochs": 1.5}),
        (Training, {"batch_size": True}),
        (Training, {"device": "tpu"}),
        (Training, {"epoch": 1}),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else str(value)[-40:],
)
def test_a_value_outside_the_contract_is_refused(section: type[BaseModel], value: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        section.model_validate(value)


@pytest.mark.parametrize(("value", "epochs"), [(30.0, 30), (1e3, 1000), (30, 30)])
def test_an_integer_may_be_written_with_a_point(value: float, epochs: int) -> None:
    config = Config.model_validate(SMALLEST | {"training": {"epochs": value}})
    assert repr(config.training.epochs) == repr(epochs)


def test_a_number_that_may_have_a_fraction_keeps_its_point() -> None:
    config = Config.model_validate(SMALLEST | {"optimizer": {"SGD": 1.0}, "data": {"validation_split": 0.0}})
    assert repr(config.optimizer.config["learning_rate"]) == "1.0"
    assert repr(config.data.validation_split) == "0.0"


def test_a_config_is_immutable() -> None:
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
def test_a_section_has_keys(path: tuple[str, ...], keys: list[str]) -> None:
    assert section_keys(path) == keys
