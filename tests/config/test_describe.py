"""A config is described without building it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from mnist_pipeline.config import presets
from mnist_pipeline.config.describe import describe_layers, describe_training, format_spec
from mnist_pipeline.config.keras.catalog.callbacks import CALLBACKS
from mnist_pipeline.config.keras.catalog.layers import LAYERS
from mnist_pipeline.config.keras.catalog.metrics import METRICS
from mnist_pipeline.config.keras.catalog.optimizers import OPTIMIZERS
from mnist_pipeline.config.keras.spec import Registry
from mnist_pipeline.config.load import load
from tests.configs import tiny


@pytest.mark.parametrize(
    ("registry", "notation", "description"),
    [
        (LAYERS, "Flatten", "Flatten"),
        (LAYERS, {"Dense": 10}, "Dense(units=10)"),
        (LAYERS, {"Dense": {"units": 10, "activation": "softmax"}}, "Dense(units=10, activation=softmax)"),
        (LAYERS, {"Dense": {"units": 10, "use_bias": True}}, "Dense(units=10)"),
        (LAYERS, {"Dense": {"units": 1, "kernel_initializer": "GlorotUniform"}}, "Dense(units=1)"),
        (
            LAYERS,
            {"Dense": {"units": 1, "kernel_initializer": "he_normal"}},
            "Dense(units=1, kernel_initializer=HeNormal)",
        ),
        (LAYERS, {"Dense": {"units": 1, "kernel_regularizer": "l2"}}, "Dense(units=1, kernel_regularizer=L2)"),
        (
            LAYERS,
            {"Dense": {"units": 1, "kernel_regularizer": {"L2": 0.5}}},
            "Dense(units=1, kernel_regularizer=L2(l2=0.5))",
        ),
        (LAYERS, {"MaxPooling2D": 2}, "MaxPooling2D"),
        (LAYERS, {"MaxPooling2D": [2, 3]}, "MaxPooling2D(pool_size=[2, 3])"),
        (LAYERS, {"Add": [[], ["Identity"]]}, "Add"),
        (LAYERS, {"Concatenate": {"branches": [[], []], "axis": 1}}, "Concatenate(axis=1)"),
        (LAYERS, "max_pooling2d", "MaxPooling2D"),
        (OPTIMIZERS, "Adam", "Adam"),
        (OPTIMIZERS, {"Adam": 0.001}, "Adam"),
        (OPTIMIZERS, {"Adam": 0.01}, "Adam(learning_rate=0.01)"),
        (
            OPTIMIZERS,
            {
                "SGD": {
                    "momentum": 0.9,
                    "learning_rate": {"CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": "10 epochs"}},
                }
            },
            "SGD(learning_rate=CosineDecay(initial_learning_rate=0.1, decay_steps=10 epochs), momentum=0.9)",
        ),
        (METRICS, "accuracy", "accuracy"),
        (METRICS, "mae", "MeanAbsoluteError"),
        (METRICS, {"AUC": {"curve": "PR"}}, "AUC(curve=PR)"),
        (CALLBACKS, {"EarlyStopping": {"patience": 3}}, "EarlyStopping(patience=3)"),
    ],
    ids=lambda value: "" if isinstance(value, Registry) else str(value)[:50],
)
def test_an_object_is_described_by_what_differs_from_keras_defaults(
    registry: Registry, notation: Any, description: str
) -> None:
    assert format_spec(registry.read(notation)) == description


def test_there_is_a_row_per_layer_between_the_pixels_and_the_total() -> None:
    assert describe_layers(load("baseline").config) == [
        {"layer": "pixels, scaled to 0 - 1", "output": "(28, 28, 1)", "params": ""},
        {"layer": "Flatten", "output": "(784,)", "params": ""},
        {"layer": "Dense(units=128, activation=relu)", "output": "(128,)", "params": "100,480"},
        {"layer": "Dense(units=128, activation=relu)", "output": "(128,)", "params": "16,512"},
        {"layer": "Dense(units=10, activation=softmax)", "output": "(10,)", "params": "1,290"},
        {"layer": "total", "output": "", "params": "118,282"},
    ]


def test_the_layers_of_a_branch_are_indented_and_come_before_the_layer_that_merges_them(tmp_path: Path) -> None:
    layers = [
        {"Add": [[], [{"Multiply": [[], [{"Dense": 1}]]}]]},
        "Flatten",
        {"Dense": {"units": 10, "activation": "softmax"}},
    ]
    rows = describe_layers(tiny(tmp_path, model={"layers": layers}).config)
    assert [row["layer"] for row in rows[1:5]] == ["    Dense(units=1)", "  Multiply", "Add", "Flatten"]
    assert rows[-1]["params"] == f"{2 + 7850:,}"


def test_the_description_of_the_training_names_all_its_parts() -> None:
    assert describe_training(load("complete").config) == {
        "data": "mnist",
        "target": "digit",
        "optimizer": "Adam",
        "loss": "CategoricalCrossentropy",
        "metrics": "accuracy",
        "callbacks": (
            "ReduceLROnPlateau(factor=0.5, patience=3, min_lr=1e-05), "
            "EarlyStopping(patience=8, restore_best_weights=True)"
        ),
        "training": "30 epochs in batches of 128",
        "seed": 0,
    }


@pytest.mark.parametrize(
    ("preset", "target", "callbacks"),
    [("binary", "is it one of 1, 3, 5, 7, 9?", "none"), ("regression", "value", "none")],
)
def test_the_target_is_described_in_words(preset: str, target: str, callbacks: str) -> None:
    description = describe_training(load(preset).config)
    assert (description["target"], description["callbacks"]) == (target, callbacks)


@pytest.mark.parametrize("name", presets.names())
def test_the_description_of_a_preset_is_text_and_its_parameters_add_up(name: str) -> None:
    config = load(name).config
    *rows, total = describe_layers(config)
    assert sum(int(row["params"].replace(",", "")) for row in rows if row["params"]) == int(
        total["params"].replace(",", "")
    )
    assert all(isinstance(value, str | int) for value in describe_training(config).values())


def test_a_config_with_all_defaults_written_out_has_the_same_description(tmp_path: Path) -> None:
    config = load("cnn").config
    (tmp_path / "cnn.yaml").write_text(yaml.safe_dump(config.to_dict()), encoding="utf-8")
    again = load(str(tmp_path / "cnn.yaml")).config
    assert describe_layers(again) == describe_layers(config)
    assert describe_training(again) == describe_training(config)
