"""Building a compiled Keras model from a config."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnist_pipeline.config.keras.catalog.layers import LAYERS
from mnist_pipeline.framework import keras, tf
from mnist_pipeline.training.build import build, build_callbacks
from mnist_pipeline.training.keras_errors import KerasRefusedError
from tests.configs import tiny


def test_the_model_takes_raw_pixels(tmp_path: Path) -> None:
    model = build(tiny(tmp_path).config, 1)
    assert model.input_shape == (None, 28, 28)
    assert model.output_shape == (None, 10)


def test_pixels_are_scaled_to_one_before_the_first_layer(tmp_path: Path) -> None:
    layers = ["GlobalMaxPooling2D", {"Dense": {"units": 10, "activation": "softmax"}}]
    model = build(tiny(tmp_path, model={"layers": layers}).config, 1)
    before = keras.Model(model.input, model.get_layer(index=-2).output)
    assert before.predict(np.full((1, 28, 28), 255, np.uint8), verbose=0).item() == pytest.approx(1.0)


def test_rescaling_by_255_as_the_first_layer_gives_raw_pixels(tmp_path: Path) -> None:
    layers = [{"Rescaling": 255}, "Flatten", {"Dense": {"units": 10, "activation": "softmax"}}]
    model = build(tiny(tmp_path, model={"layers": layers}).config, 1)
    rescaled = keras.Model(model.input, model.get_layer(index=-2).output)
    pixels = (np.arange(28 * 28) % 256).astype(np.uint8).reshape(1, 28, 28)
    assert rescaled.predict(pixels, verbose=0)[0] == pytest.approx(pixels.ravel().astype(np.float32), rel=1e-6)


def test_the_baseline_has_as_many_parameters_as_the_guide_says() -> None:
    from mnist_pipeline.config.load import load

    assert build(load("baseline").config, 1).count_params() == 118_282


def test_a_learning_rate_schedule_counts_steps(tmp_path: Path) -> None:
    schedule = {"ExponentialDecay": {"initial_learning_rate": 0.1, "decay_steps": "2 epochs", "decay_rate": 0.5}}
    model = build(tiny(tmp_path, optimizer={"Adam": {"learning_rate": schedule}}).config, steps_per_epoch=7)
    config = keras.optimizers.serialize(model.optimizer)["config"]["learning_rate"]["config"]
    assert config["decay_steps"] == 14


def test_a_residual_block_adds_its_branches(tmp_path: Path) -> None:
    layers = ["Flatten", {"Add": [[], [{"Activation": "linear"}]]}, {"Dense": {"units": 10, "activation": "softmax"}}]
    model = build(tiny(tmp_path, model={"layers": layers}).config, 1)
    block = keras.Model(model.input, model.get_layer(index=-2).output)
    assert block.predict(np.full((1, 28, 28), 255, np.uint8), verbose=0)[0, 0] == pytest.approx(2.0)


def test_nested_objects_become_keras_objects(tmp_path: Path) -> None:
    dense = {"units": 10, "activation": "softmax", "kernel_initializer": "he_normal", "kernel_regularizer": {"L2": 0.1}}
    layer = build(tiny(tmp_path, model={"layers": ["Flatten", {"Dense": dense}]}).config, 1).layers[-1]
    assert isinstance(layer.kernel_initializer, keras.initializers.HeNormal)
    assert float(layer.kernel_regularizer.l2) == pytest.approx(0.1)


def test_callbacks_keep_the_order_of_the_config(tmp_path: Path) -> None:
    loaded = tiny(
        tmp_path, callbacks=["ReduceLROnPlateau", {"EarlyStopping": {"patience": 3}}], training={"epochs": 20}
    )
    kinds = [type(callback).__name__ for callback in build_callbacks(loaded.config)]
    assert kinds == ["ReduceLROnPlateau", "EarlyStopping"]


def test_an_argument_that_keras_refuses_is_located_in_the_config(tmp_path: Path) -> None:
    layers = [{"RandomZoom": {"height_factor": 7}}, "Flatten", {"Dense": {"units": 10, "activation": "softmax"}}]
    loaded = tiny(tmp_path, model={"layers": layers})
    with pytest.raises(KerasRefusedError) as refused:
        build(loaded.config, 1)
    place = loaded.diagnostic(refused.value.path, str(refused.value)).location
    assert "RandomZoom" in loaded.document.locate(refused.value.path[:-1]).text
    assert place.source.endswith("tiny.yaml")
    assert "height_factor" in str(refused.value)


AUGMENTATION: dict[str, dict[str, Any]] = {
    "RandomTranslation": {"height_factor": 0.1, "width_factor": 0.1},
    "RandomRotation": {"factor": 0.05},
    "RandomZoom": {"height_factor": 0.1},
    "RandomShear": {"x_factor": 0.1},
    "RandomPerspective": {"scale": 0.2},
    "RandomErasing": {"scale": [0.02, 0.1], "value_range": [0, 1]},
    "RandomBrightness": {"factor": 0.1, "value_range": [0, 1]},
    "RandomContrast": {"factor": 0.1, "value_range": [0, 1]},
    "RandomGaussianBlur": {"value_range": [0, 1]},
    "RandomInvert": {"factor": [1.0, 1.0], "value_range": [0, 1]},
    "RandomFlip": {},
}


def test_augmentation_is_every_random_layer() -> None:
    assert set(AUGMENTATION) == {name for name in LAYERS.signatures if name.startswith("Random")}


@pytest.mark.parametrize("name", AUGMENTATION)
def test_augmentation_changes_each_image_of_a_batch_and_mixes_none(name: str, tmp_path: Path) -> None:
    layers = [{name: AUGMENTATION[name]}, "Flatten", {"Dense": {"units": 10, "activation": "softmax"}}]
    model = build(tiny(tmp_path, model={"layers": layers}).config, 1)
    augment = keras.Model(model.input, model.get_layer(index=-3).output)
    augmented = tf.function(lambda batch: augment(batch, training=True), [tf.TensorSpec((None, 28, 28), tf.uint8)])
    images = np.zeros((8, 28, 28), np.uint8)
    for size, image in enumerate(images, start=2):  # squares of 4, 6, ... 18 pixels, and so increasingly more ink
        image[14 - size : 14 + size, 14 - size : 14 + size] = 255
    ink = np.abs(augmented(images).numpy() - augmented(np.zeros_like(images)).numpy()).mean((1, 2, 3))
    assert np.corrcoef(ink, images.mean((1, 2)))[0, 1] > 0.9
