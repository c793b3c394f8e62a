"""The precision to train in, and the clone that trains in place of the model."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnist_pipeline import environment
from mnist_pipeline.framework import keras
from mnist_pipeline.training import mixed_precision
from mnist_pipeline.training.build import build
from mnist_pipeline.training.mixed_precision import choose_precision, training_clone
from tests.configs import tiny
from tests.helpers import config
from tests.trainings import trained

pytestmark = pytest.mark.usefixtures("without_gpu")

HEAD = ["Flatten", {"Dense": {"units": 10, "activation": "softmax"}}]
CONVOLUTION = {"Conv2D": {"filters": 4, "kernel_size": 3}}

LAYERS: list[Any] = [
    {"RandomRotation": 0.1}, {"Conv2D": {"filters": 4, "kernel_size": 3}}, "BatchNormalization", "ReLU", "Flatten",
    {"Dense": {"units": 10}}, {"Activation": "softmax"},
]  # fmt: skip


@pytest.fixture
def model() -> keras.Model:
    keras.utils.set_random_seed(0)
    return build(config({"model": {"layers": LAYERS}}), 1)


def test_the_clone_has_the_names_and_the_weights_of_the_model(model: keras.Model) -> None:
    clone = training_clone(model, "mixed_bfloat16", fused=True)
    assert [layer.name for layer in clone.layers] == [layer.name for layer in model.layers]
    for ours, expected in zip(clone.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, expected)


def test_augmentation_and_outputs_stay_in_float32(model: keras.Model) -> None:
    precisions = {
        type(layer).__name__: layer.compute_dtype
        for layer in training_clone(model, "mixed_bfloat16", fused=True).layers
    }
    low = {name for name, precision in precisions.items() if precision == "bfloat16"}
    assert low == {"Conv2D", "FusedBatchNormalization", "ReLU", "Flatten"}


def test_weights_stay_in_float32(model: keras.Model) -> None:
    assert {weights.dtype.name for weights in training_clone(model, "mixed_bfloat16", fused=True).get_weights()} == {
        "float32"
    }


def test_without_fusing_every_layer_keeps_its_class(model: keras.Model) -> None:
    kinds = [type(layer) for layer in training_clone(model, "float32", fused=False).layers]
    assert kinds == [type(layer) for layer in model.layers]


def test_a_model_without_weights_has_a_clone() -> None:
    layers = ["GlobalAveragePooling2D", {"Activation": "sigmoid"}]
    plain = config({"data": {"target": {"positive": [1]}}, "model": {"layers": layers}, "loss": "binary_crossentropy"})
    assert training_clone(build(plain, 1), "mixed_bfloat16", fused=True).count_params() == 0


@pytest.mark.parametrize(("layers", "available", "expected"), [
    ([CONVOLUTION, *HEAD], True, "mixed_bfloat16"),
    ([CONVOLUTION, *HEAD], False, "float32"),
    ([{"Add": [[], [{"Conv2D": {"filters": 1, "kernel_size": 3, "padding": "same"}}]]}, *HEAD], True, "mixed_bfloat16"),
    (HEAD, True, "float32"),
    (["Flatten", {"Dense": 1000}, {"Dropout": 0.1}, *HEAD[1:]], True, "mixed_bfloat16"),
    (["Flatten", {"Dense": 1000}, {"Dropout": 0.1}, *HEAD[1:]], False, "float32"),
    (["Flatten", {"Dense": 16}, {"Dropout": 0.1}, *HEAD[1:]], True, "float32"),
    (["Flatten", {"Dense": 1000}, *HEAD[1:]], True, "float32"),
])  # fmt: skip
def test_convolutions_and_large_networks_that_xla_does_not_compile_train_in_bfloat16_where_the_processor_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layers: list[object], available: bool, expected: str
) -> None:
    monkeypatch.setattr(mixed_precision, "multiplies_bfloat16", lambda: available)
    assert choose_precision(tiny(tmp_path, model={"layers": layers}).config) == expected


@pytest.mark.parametrize("layers", [[CONVOLUTION, *HEAD], ["Flatten", {"Dense": 1000}, *HEAD]])
def test_the_keras_engine_trains_in_float32_as_stock_keras_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layers: list[object]
) -> None:
    monkeypatch.setattr(mixed_precision, "multiplies_bfloat16", lambda: True)
    monkeypatch.setattr(mixed_precision, "MIN_DENSE_PARAMS", 1)
    assert choose_precision(tiny(tmp_path, "training.engine=keras", model={"layers": layers}).config) == "float32"


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
def test_a_precision_in_the_config_is_used(tmp_path: Path, precision: str) -> None:
    assert choose_precision(tiny(tmp_path, f"training.precision={precision}").config) == precision


@pytest.mark.parametrize(
    ("flags", "available"), [("fpu avx512_bf16 sse", True), ("amx_bf16", True), ("avx512f", False), ("", False)]
)
def test_linux_lists_the_instructions_for_bfloat16(
    monkeypatch: pytest.MonkeyPatch, flags: str, available: bool
) -> None:
    monkeypatch.setattr(environment, "_cpuinfo", {"flags": flags}.get)
    assert environment.multiplies_bfloat16() is available


def test_a_model_that_trained_in_bfloat16_is_saved_in_float32(tmp_path: Path) -> None:
    layers = [CONVOLUTION, "BatchNormalization", *HEAD]
    loaded = tiny(tmp_path, "training.precision=mixed_bfloat16", "training.epochs=1", model={"layers": layers})
    run = trained(loaded, tmp_path / "run")
    model = keras.models.load_model(run.model)
    assert {layer.compute_dtype for layer in model.layers} == {"float32"}
    assert {type(layer).__module__.split(".")[0] for layer in model.layers} == {"keras"}
    assert {np.dtype(weights.dtype) for weights in model.get_weights()} == {np.dtype(np.float32)}
    assert run.record["precision"] == "mixed_bfloat16"
