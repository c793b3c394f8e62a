"""What `auto` means for the engine and for XLA."""

from pathlib import Path

import pytest

from mnist_pipeline.training import automatic
from tests.configs import tiny

pytestmark = pytest.mark.usefixtures("without_gpu")

HEAD = ["Flatten", {"Dense": {"units": 10, "activation": "softmax"}}]
CONVOLUTION = {"Conv2D": {"filters": 4, "kernel_size": 3}}


def test_xla_compiles_dense_networks_and_no_convolutions_on_a_processor(tmp_path: Path) -> None:
    assert automatic.jit_compile(tiny(tmp_path).config) is True
    assert automatic.jit_compile(tiny(tmp_path, "training.engine=keras").config) is False
    layers = [CONVOLUTION, *HEAD]
    convolution = tiny(tmp_path, model={"layers": layers}).config
    assert automatic.jit_compile(convolution) is False
    assert automatic.jit_compile(tiny(tmp_path, "training.jit_compile=true", model={"layers": layers}).config) is True


def test_xla_does_not_compile_dropout_on_a_processor(tmp_path: Path) -> None:
    layers = ["Flatten", {"Dropout": 0.1}, *HEAD[1:]]
    assert automatic.jit_compile(tiny(tmp_path, model={"layers": layers}).config) is False
