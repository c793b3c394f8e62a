"""The properties of each layer beyond its arguments agree with Keras."""

from typing import Any

import numpy as np
import pytest

from mnist_pipeline.config import network
from mnist_pipeline.config.keras.catalog import KERAS_CLASS_NAMES
from mnist_pipeline.config.keras.catalog.layers import LAYER_TRAITS, LAYERS
from mnist_pipeline.framework import keras
from mnist_pipeline.models.untrusted.keras_layers import ALLOWED_CLASSES
from mnist_pipeline.training.automatic import XLA_LAYERS
from tests.keras_objects import made

MERGING = LAYER_TRAITS.where(lambda traits: traits.merge)
ACTIVATIONS = {name: traits.activation for name, traits in LAYER_TRAITS.items() if traits.activation}

# The arguments without which a layer cannot be made.
NEEDED: dict[str, dict[str, Any]] = {
    "Dense": {"units": 3},
    "Activation": {"activation": "relu"},
    **{key: {"filters": 3, "kernel_size": 3} for key in network.CONVOLUTIONS - {"DepthwiseConv2D"}},
    "DepthwiseConv2D": {"kernel_size": 3},
    **{key: {"rate": 0.5} for key in network.DROPOUTS},
    "GaussianNoise": {"stddev": 0.5},
    "GroupNormalization": {"groups": 2},
    "Reshape": {"target_shape": [-1]},
    "Permute": {"dims": [3, 1, 2]},
    "Rescaling": {"scale": 2.0, "offset": -1.0},
    "AveragePooling2D": {"pool_size": 2},
    "AveragePooling1D": {"pool_size": 2},
    **{key: {"output_size": 2} for key in ("AdaptiveMaxPooling2D", "AdaptiveAveragePooling2D")},
    **{key: {"height_factor": 0.1, "width_factor": 0.1} for key in ("RandomTranslation", "RandomZoom")},
    **{key: {"factor": 0.1} for key in ("RandomRotation", "RandomBrightness", "RandomContrast")},
    **{key: {"height": 3, "width": 3} for key in ("CenterCrop", "Resizing")},
    **{key: {"branches": [[], []]} for key in MERGING},
}


@pytest.fixture(scope="module")
def layers() -> dict[str, Any]:
    """Name -> Keras' layer, built for images or sequences of 4 channels."""
    keras_layers = {name: made(LAYERS.read({name: NEEDED.get(name)})) for name in LAYERS.signatures}
    for name, layer in keras_layers.items():
        shape = (2, 8, 4) if name.endswith("1D") else (2, 8, 8, 4)
        layer.build([shape, shape] if name in MERGING else shape)
    return keras_layers


def test_every_layer_of_the_catalog_has_a_row_and_nothing_else_has() -> None:
    assert list(LAYER_TRAITS) == list(LAYERS.signatures)


def test_layers_of_known_kinds_are_found_by_their_traits() -> None:
    dropouts = {"Dropout", "AlphaDropout", "GaussianDropout", "SpatialDropout1D", "SpatialDropout2D"}
    convolutions = {"Conv1D", "Conv2D", "Conv2DTranspose", "SeparableConv2D", "DepthwiseConv2D"}
    reshaping = {"Flatten", "Reshape", "Permute", "Identity", "Rescaling"}
    assert convolutions == network.CONVOLUTIONS
    assert convolutions | {"Dense"} == network.KERNEL_LAYERS
    assert dropouts == network.DROPOUTS
    assert dropouts | reshaping | {"BatchNormalization", "GaussianNoise"} == network.LINEAR_LAYERS
    assert {"Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"} == MERGING


def test_the_layers_with_a_kernel_are_those_whose_kernel_keras_builds(layers: dict[str, Any]) -> None:
    kernels = {name for name, layer in layers.items() if any("kernel" in each.name for each in layer.weights)}
    assert kernels == network.KERNEL_LAYERS


def test_the_layers_with_a_kernel_are_those_that_take_an_activation() -> None:
    assert {name for name in LAYERS.signatures if "activation" in LAYERS.arguments(name)} == (
        network.KERNEL_LAYERS | {"Activation"}
    )


def test_the_convolutions_are_those_whose_windows_slide() -> None:
    assert {name for name in LAYERS.signatures if "kernel_size" in LAYERS.arguments(name)} == (
        network.CONVOLUTIONS | {"RandomGaussianBlur"}
    )


def test_the_merging_layers_are_those_that_take_branches_and_that_merge_in_keras(layers: dict[str, Any]) -> None:
    merge = keras.layers.Add.__base__
    assert {name for name in LAYERS.signatures if "branches" in LAYERS.arguments(name)} == MERGING
    assert {name for name, layer in layers.items() if isinstance(layer, merge)} == MERGING


@pytest.mark.parametrize("name", sorted(set(ACTIVATIONS) - {"PReLU", "LeakyReLU"}))
def test_an_activation_layer_computes_the_function_that_it_is_named_for(layers: dict[str, Any], name: str) -> None:
    values = np.linspace(-3, 3, 24, dtype=np.float32).reshape(2, 12)
    np.testing.assert_allclose(layers[name](values), keras.activations.get(ACTIVATIONS[name])(values), rtol=1e-6)


@pytest.mark.parametrize("name", sorted(network.LINEAR_LAYERS))
def test_a_linear_layer_maps_a_mean_to_the_mean(layers: dict[str, Any], name: str) -> None:
    shape = (2, 8, 4) if name.endswith("1D") else (2, 8, 8, 4)
    first, second = np.random.default_rng(0).normal(size=(2, *shape)).astype(np.float32)
    of_mean = layers[name]((first + second) / 2, training=False)
    mean = (np.asarray(layers[name](first)) + np.asarray(layers[name](second))) / 2
    np.testing.assert_allclose(of_mean, mean, atol=1e-5)


@pytest.mark.parametrize("name", sorted(network.DROPOUTS))
def test_a_dropout_changes_values_in_training_only(layers: dict[str, Any], name: str) -> None:
    ones = np.ones((2, 8, 4) if name.endswith("1D") else (2, 8, 8, 4), np.float32)
    np.testing.assert_array_equal(layers[name](ones, training=False), ones)
    assert not np.array_equal(layers[name](ones, training=True), ones)


def test_xla_compiles_the_layers_it_makes_faster_and_none_of_them_draws_random_numbers(layers: dict[str, Any]) -> None:
    assert {name for name in XLA_LAYERS if not layers[name].supports_jit} == set()
    assert {name for name in XLA_LAYERS if hasattr(layers[name], "seed_generator")} == set()
    assert XLA_LAYERS.isdisjoint(network.CONVOLUTIONS | network.DROPOUTS)
    assert set(ACTIVATIONS) | MERGING | {"Dense", "Activation", "Flatten", "BatchNormalization"} <= XLA_LAYERS


def test_the_model_file_of_a_stranger_may_contain_the_classes_that_a_config_may_name() -> None:
    assert set(LAYERS.signatures) <= KERAS_CLASS_NAMES <= ALLOWED_CLASSES
    assert {"Lambda", "TFSMLayer"}.isdisjoint(ALLOWED_CLASSES)
