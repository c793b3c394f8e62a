"""Outputs of LiteRT are those of Keras, and models from strangers do no harm."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnist_pipeline.config import presets
from mnist_pipeline.config.load import load
from mnist_pipeline.errors import RunError
from mnist_pipeline.framework import tf
from mnist_pipeline.models import litert
from mnist_pipeline.native_stderr import capture_native_stderr
from mnist_pipeline.training.build import build
from tests.helpers import mutated, noise

IMAGES = noise(70).images


def converted(file: Path, function: Callable[[Any], Any], shape: tuple[int | None, ...] = (None, 28, 28)) -> Path:
    """A LiteRT model that does what `function` does."""
    signature = [tf.TensorSpec(shape, tf.float32)]
    with capture_native_stderr():
        traced = tf.function(function, input_signature=signature).get_concrete_function()
        file.write_bytes(tf.lite.TFLiteConverter.from_concrete_functions([traced]).convert())
    return file


def first_ten(images: Any) -> Any:
    return tf.reshape(images, [-1, 784])[:, :10]


def presets_with_new_layers() -> list[str]:
    """Presets that together have all layers with all activations that any has."""
    seen: set[tuple[str, Any]] = set()
    chosen = []
    for preset in presets.names():
        config = load(preset).config
        layers = {(each.class_name, str(each.config.get("activation"))) for each in config.model.layers}
        if layers - seen:
            chosen.append(preset)
        seen |= layers
    return chosen


@pytest.mark.parametrize("preset", presets_with_new_layers())
def test_outputs_are_those_of_keras(preset: str, tmp_path: Path) -> None:
    model = build(load(preset).config, 1)
    file = tmp_path / "model.tflite"
    with capture_native_stderr():
        model.export(file, format="litert", verbose=False)
    np.testing.assert_allclose(litert.compute_outputs(file, IMAGES), model(IMAGES, training=False), atol=1e-4)


def test_a_model_that_needs_much_memory_for_an_image_gets_fewer_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = converted(tmp_path / "model.tflite", first_ten)
    expected = litert.compute_outputs(file, IMAGES)
    sizes: list[int] = []
    resize = Interpreter.resize_tensor_input

    def resized(self: Interpreter, index: int, shape: tuple[int, ...]) -> None:
        sizes.append(shape[0])
        resize(self, index, shape)

    monkeypatch.setattr(Interpreter, "resize_tensor_input", resized)
    monkeypatch.setattr(litert, "MAX_MODEL_BYTES", 50_000)
    assert np.array_equal(litert.compute_outputs(file, IMAGES), expected)
    assert 1 < max(sizes) < litert.BATCH_SIZE


def looping(images: Any) -> Any:
    return tf.while_loop(lambda rows: tf.reduce_sum(rows) > -1, lambda rows: rows / 2, (first_ten(images),))[0]


def filling(images: Any) -> Any:
    side = tf.cast(tf.reduce_sum(images) + 100_000, tf.int32)
    return first_ten(images) + tf.reduce_max(tf.fill([side, side], 1.0))


def padding(images: Any) -> Any:
    return first_ten(images) + tf.reduce_max(tf.pad(images, [[0, 0], [0, 100_000], [0, 100_000]]))


@pytest.mark.parametrize(("function", "error"), [
    pytest.param(looping, "WHILE, which no layer of a config needs", id="loops for ever"),
    pytest.param(filling, "FILL, which no layer of a config needs", id="decides itself how much to take"),
    pytest.param(padding, "more than 2 GiB for one image", id="takes very much"),
    pytest.param(lambda images: first_ten(images)[:, :3], r"10 outputs or 1, received .* and \(3,\)", id="3 outputs"),
    pytest.param(lambda images: tf.cast(first_ten(images), tf.int32), "one float32 input and output", id="integers"),
])  # fmt: skip
def test_a_model_that_asks_for_more_than_a_network_needs_is_refused(
    function: Callable[[Any], Any], error: str, tmp_path: Path
) -> None:
    file = converted(tmp_path / "model.tflite", function)
    with pytest.raises(RunError, match=error):
        litert.compute_outputs(file, IMAGES)


def test_a_model_of_other_inputs_is_refused(tmp_path: Path) -> None:
    file = converted(tmp_path / "model.tflite", lambda images: tf.reshape(images, [-1, 10]), (None, 5, 2))
    with pytest.raises(RunError, match="28 x 28"):
        litert.compute_outputs(file, IMAGES)


@pytest.mark.parametrize("content", [b"", b"TFL3", b"\0" * 1000, b"\x1c\0\0\0TFL3" + b"\xff" * 100], ids=range(4))
def test_what_is_no_model_is_refused(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "model.tflite"
    file.write_bytes(content)
    with pytest.raises(RunError, match="LiteRT cannot use this model"):
        litert.compute_outputs(file, IMAGES)


@pytest.fixture(scope="module")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a model that works."""
    return converted(tmp_path_factory.mktemp("model") / "model.tflite", lambda images: tf.nn.softmax(first_ten(images)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_mutated_model_works_or_is_a_run_error(model_file: Path, tmp_path: Path, data: st.DataObject) -> None:
    file = tmp_path / "mutated.tflite"
    file.write_bytes(mutated(model_file.read_bytes(), data))
    with contextlib.suppress(RunError):
        assert len(litert.compute_outputs(file, IMAGES)) == len(IMAGES)


def test_a_file_larger_than_any_model_is_not_opened(tmp_path: Path) -> None:
    file = tmp_path / "model.tflite"
    with file.open("wb") as opened:
        opened.truncate(2**31 + 1)
    with pytest.raises(RunError, match="larger than 2 GiB"):
        litert.compute_outputs(file, IMAGES)


def test_a_memory_error_without_a_message_is_a_run_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def out_of_memory(file: Path) -> Any:
        raise MemoryError

    monkeypatch.setattr(litert, "_load", out_of_memory)
    with pytest.raises(RunError, match="cannot use this model: MemoryError"):
        litert.compute_outputs(tmp_path / "model.tflite", IMAGES)
