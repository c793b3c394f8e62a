"""What `auto` stands for."""

from pathlib import Path

import numpy as np
import pytest

from mnist_pipeline import environment
from mnist_pipeline.framework import keras
from mnist_pipeline.training import automatic, mixed_precision
from tests.configs import tiny

pytestmark = pytest.mark.usefixtures("without_gpu")

HEAD = ["Flatten", {"Dense": {"units": 10, "activation": "softmax"}}]
CONVOLUTION = {"Conv2D": {"filters": 4, "kernel_size": 3}}


@pytest.mark.parametrize(("layers", "able", "expected"), [
    ([CONVOLUTION, *HEAD], True, "mixed_bfloat16"),
    ([CONVOLUTION, *HEAD], False, "float32"),
    ([{"Add": [[], [{"Conv2D": {"filters": 1, "kernel_size": 3, "padding": "same"}}]]}, *HEAD], True, "mixed_bfloat16"),
    (HEAD, True, "float32"),
    (["Flatten", {"Dense": 1000}, {"Dropout": 0.1}, *HEAD[1:]], True, "mixed_bfloat16"),
    (["Flatten", {"Dense": 1000}, {"Dropout": 0.1}, *HEAD[1:]], False, "float32"),
    (["Flatten", {"Dense": 16}, {"Dropout": 0.1}, *HEAD[1:]], True, "float32"),
    (["Flatten", {"Dense": 1000}, *HEAD[1:]], True, "float32"),
])  # fmt: skip
def test_convolutions_and_large_networks_that_xla_leaves_are_computed_in_bfloat16_where_the_processor_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layers: list[object], able: bool, expected: str
) -> None:
    monkeypatch.setattr(mixed_precision, "multiplies_bfloat16", lambda: able)
    assert mixed_precision.choose_precision(tiny(tmp_path, model={"layers": layers}).config) == expected


@pytest.mark.parametrize("layers", [[CONVOLUTION, *HEAD], ["Flatten", {"Dense": 1000}, *HEAD]])
def test_the_engine_of_keras_computes_as_stock_keras_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layers: list[object]
) -> None:
    monkeypatch.setattr(mixed_precision, "multiplies_bfloat16", lambda: True)
    monkeypatch.setattr(mixed_precision, "MIN_DENSE_PARAMS", 1)
    assert (
        mixed_precision.choose_precision(tiny(tmp_path, "training.engine=keras", model={"layers": layers}).config)
        == "float32"
    )


@pytest.mark.parametrize("wanted", ["float32", "mixed_bfloat16"])
def test_what_is_asked_for_is_done(tmp_path: Path, wanted: str) -> None:
    assert mixed_precision.choose_precision(tiny(tmp_path, f"training.precision={wanted}").config) == wanted


@pytest.mark.parametrize(
    ("flags", "able"), [("fpu avx512_bf16 sse", True), ("amx_bf16", True), ("avx512f", False), ("", False)]
)
def test_linux_says_whether_the_processor_multiplies_in_bfloat16(
    monkeypatch: pytest.MonkeyPatch, flags: str, able: bool
) -> None:
    monkeypatch.setattr(environment, "_cpuinfo", {"flags": flags}.get)
    assert environment.multiplies_bfloat16() is able


def test_a_model_that_learned_in_bfloat16_is_saved_in_float32(tmp_path: Path) -> None:
    from mnist_pipeline.pipeline import execute, prepare

    loaded = tiny(
        tmp_path, "training.precision=mixed_bfloat16", model={"layers": [CONVOLUTION, "BatchNormalization", *HEAD]}
    )
    with prepare(loaded, tmp_path / "run") as experiment:
        execute(experiment)
    model = keras.models.load_model(tmp_path / "run" / "model.keras")
    assert {layer.compute_dtype for layer in model.layers} == {"float32"}
    assert {type(layer).__module__.split(".")[0] for layer in model.layers} == {"keras"}
    assert {np.dtype(weights.dtype) for weights in model.get_weights()} == {np.dtype(np.float32)}
    assert experiment.run.record["precision"] == "mixed_bfloat16"


def test_xla_compiles_dense_networks_and_no_convolutions_on_a_processor(tmp_path: Path) -> None:
    assert automatic.jit_compile(tiny(tmp_path).config) is True
    assert automatic.jit_compile(tiny(tmp_path, "training.engine=keras").config) is False
    layers = [CONVOLUTION, *HEAD]
    convolution = tiny(tmp_path, model={"layers": layers}).config
    assert automatic.jit_compile(convolution) is False
    assert automatic.jit_compile(tiny(tmp_path, "training.jit_compile=true", model={"layers": layers}).config) is True


def test_xla_leaves_what_is_random_to_tensorflow_on_a_processor(tmp_path: Path) -> None:
    layers = ["Flatten", {"Dropout": 0.1}, *HEAD[1:]]
    assert automatic.jit_compile(tiny(tmp_path, model={"layers": layers}).config) is False
