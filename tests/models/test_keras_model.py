"""Keras models from strangers, loaded and asked."""

import io
import json
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from mnist_pipeline.config import presets
from mnist_pipeline.config.load import load
from mnist_pipeline.errors import RunError
from mnist_pipeline.framework import keras
from mnist_pipeline.models import keras_model
from mnist_pipeline.training.build import build
from tests.helpers import described_anew, noise


def saved(file: Path, *layers: Any, shape: tuple[int, ...] = (28, 28)) -> Path:
    """A model of `layers`, as functional as ours are."""
    start = tensor = keras.Input(shape)
    for layer in layers:
        tensor = layer(tensor)
    keras.Model(start, tensor).save(file)
    return file


@pytest.mark.parametrize("preset", presets.names())
def test_a_model_of_this_package_predicts(preset: str, tmp_path: Path) -> None:
    model, images = build(load(preset).config, 1), noise(5).images
    model.save(tmp_path / "model.keras")
    outputs = keras_model.compute_outputs(tmp_path / "model.keras", images)
    assert np.array_equal(outputs, model.predict(images, verbose=0))


def test_a_model_with_more_weights_than_any_config_makes_takes_no_memory(tmp_path: Path) -> None:
    wide = keras.layers.Dense(12_345)
    file = saved(tmp_path / "model.keras", keras.layers.Flatten(), wide, keras.layers.Dense(10))
    del wide
    file = described_anew(file, "12345", "1234567890")  # a matrix of 3.6 TiB
    with pytest.raises(RunError, match="more than 2 GiB for one image"):
        keras_model.load(file)


def test_a_model_with_larger_layers_than_any_config_makes_takes_no_memory(tmp_path: Path) -> None:
    layers = keras.layers
    file = saved(
        tmp_path / "model.keras",
        layers.Reshape((28, 28, 1)), layers.UpSampling2D(123), layers.GlobalAveragePooling2D(), layers.Dense(10),
    )  # fmt: skip
    with pytest.raises(RunError, match="more than 2 GiB for one image"):
        keras_model.load(described_anew(file, "123", "123123"))


def inside() -> list[Any]:
    """A model in a model, whose values are of 4.5 GB for an image."""
    start = keras.Input((28, 28, 1))
    return [keras.Model(start, keras.layers.GlobalMaxPooling2D()(keras.layers.UpSampling2D(1200)(start)))]


def twice() -> list[Any]:
    """One layer called two times: 5.4 GB."""
    larger = keras.layers.UpSampling2D(35)
    return [larger, larger, keras.layers.GlobalMaxPooling2D()]


@pytest.mark.parametrize("hidden", [inside, twice])
def test_values_cannot_hide_from_being_counted(hidden: Callable[[], list[Any]], tmp_path: Path) -> None:
    file = saved(tmp_path / "model.keras", keras.layers.Reshape((28, 28, 1)), *hidden(), keras.layers.Dense(10))
    with pytest.raises(RunError, match=r"which no config makes\. It was not loaded"):
        keras_model.load(file)


@pytest.mark.parametrize("argument", ["scale", "offset"])
@pytest.mark.parametrize("factor", [[0.5, 0.25], [[0.5] * 28] * 28], ids=["two", "more rows"])
def test_a_rescaling_that_makes_more_values_than_it_says_is_refused(argument: str, factor: Any, tmp_path: Path) -> None:
    layers = keras.layers
    rescaling = layers.Rescaling(**{"scale": 1.0, argument: 7.0})
    flat = [layers.Reshape((28, 28, 1)), rescaling, layers.GlobalMaxPooling2D(), layers.Dense(10)]
    file = saved(tmp_path / "model.keras", *flat)
    with pytest.raises(RunError, match=r"of rescaling.* does not fit its input of \(28, 28, 1\)"):
        keras_model.load(described_anew(file, "7.0", json.dumps(factor)))


def test_a_rescaling_with_a_number_for_each_channel_is_accepted(tmp_path: Path) -> None:
    layers = keras.layers
    file = saved(tmp_path / "model.keras", layers.Rescaling([0.5] * 28), layers.Flatten(), layers.Dense(10))
    assert keras_model.compute_outputs(file, noise(3).images).shape == (3, 10)


def test_a_model_that_fails_on_images_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise ValueError("Incompatible shapes: [3,28,28] vs. [200000]")

    file = saved(tmp_path / "model.keras", keras.layers.Flatten(), keras.layers.Dense(10))
    monkeypatch.setattr(keras.Model, "predict_on_batch", fail)
    with pytest.raises(RunError, match=r"model\.keras: Keras cannot use this model: Incompatible shapes"):
        keras_model.compute_outputs(file, noise(3).images)


def test_a_model_that_needs_much_memory_for_an_image_gets_fewer_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, images = saved(tmp_path / "model.keras", keras.layers.Flatten(), keras.layers.Dense(10)), noise(7).images
    expected = keras_model.compute_outputs(file, images)
    sizes: list[int] = []
    predict = keras.Model.predict_on_batch

    def predicted(self: keras.Model, batch: Any) -> Any:
        sizes.append(len(batch))
        return predict(self, batch)

    monkeypatch.setattr(keras.Model, "predict_on_batch", predicted)
    monkeypatch.setattr(keras_model, "MAX_MODEL_BYTES", 20_000)  # of 6,312 bytes for an image
    np.testing.assert_allclose(keras_model.compute_outputs(file, images), expected, atol=1e-3)
    assert sizes == [3, 3, 1]


@pytest.mark.parametrize(("units", "shape"), [(7, (28, 28)), (10, (32, 32))], ids=["outputs", "images"])
def test_a_model_of_something_else_is_refused(units: int, shape: tuple[int, ...], tmp_path: Path) -> None:
    layers = keras.layers
    file = saved(tmp_path / "model.keras", layers.Flatten(), layers.Dense(units), shape=shape)
    with pytest.raises(RunError, match="28 x 28"):
        keras_model.load(file)


@pytest.mark.parametrize("place", [0.5, 0.9])
def test_a_damaged_model_is_refused(place: float, tmp_path: Path) -> None:
    file = saved(tmp_path / "model.keras", keras.layers.Flatten(), keras.layers.Dense(10))
    content = bytearray(file.read_bytes())
    start = int(len(content) * place)
    content[start : start + 2000] = bytes(2000)
    file.write_bytes(content)
    with pytest.raises(RunError, match=r"cannot load this model|is not a Keras model"):
        keras_model.load(file)


def without_weights_of(layer: str, file: Path) -> Path:
    """The same file, whose weights lack those of a layer."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    weights = io.BytesIO(members["model.weights.h5"])
    with h5py.File(weights, "r+") as opened:
        del opened["layers"][layer]
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in (members | {"model.weights.h5": weights.getvalue()}).items():
            archive.writestr(name, content)
    return file


def test_a_model_without_some_weights_is_refused_in_our_words_alone(tmp_path: Path) -> None:
    file = saved(tmp_path / "model.keras", keras.layers.Flatten(), keras.layers.Dense(20), keras.layers.Dense(10))
    with warnings.catch_warnings(record=True) as others, pytest.raises(RunError, match="cannot load this model"):
        keras_model.load(without_weights_of("dense_1", file))
    assert [str(each.message) for each in others] == []
