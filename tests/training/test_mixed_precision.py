"""The network that learns in place of the one that is saved."""

from typing import Any

import numpy as np
import pytest

from mnist_pipeline.framework import keras, tf
from mnist_pipeline.training.batch_normalization import FusedBatchNormalization
from mnist_pipeline.training.build import build
from mnist_pipeline.training.mixed_precision import training_clone
from tests.helpers import config

LAYERS: list[Any] = [
    {"RandomRotation": 0.1}, {"Conv2D": {"filters": 4, "kernel_size": 3}}, "BatchNormalization", "ReLU", "Flatten",
    {"Dense": {"units": 10}}, {"Activation": "softmax"},
]  # fmt: skip


@pytest.fixture
def model() -> keras.Model:
    keras.utils.set_random_seed(0)
    return build(config({"model": {"layers": LAYERS}}), 1)


def test_a_twin_has_the_names_and_the_weights_of_the_model(model: keras.Model) -> None:
    copy = training_clone(model, "mixed_bfloat16", fused=True)
    assert [layer.name for layer in copy.layers] == [layer.name for layer in model.layers]
    for mine, theirs in zip(copy.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_pictures_and_answers_stay_in_float32(model: keras.Model) -> None:
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


def test_nothing_is_fused_where_that_is_not_asked_for(model: keras.Model) -> None:
    kinds = [type(layer) for layer in training_clone(model, "float32", fused=False).layers]
    assert kinds == [type(layer) for layer in model.layers]


def test_a_network_without_weights_has_a_twin() -> None:
    layers = ["GlobalAveragePooling2D", {"Activation": "sigmoid"}]
    plain = config({"data": {"target": {"positive": [1]}}, "model": {"layers": layers}, "loss": "binary_crossentropy"})
    assert training_clone(build(plain, 1), "mixed_bfloat16", fused=True).count_params() == 0


@pytest.mark.parametrize("arguments", [
    pytest.param({}, id="defaults"),
    pytest.param({"scale": False, "center": False}, id="neither scale nor offset"),
    pytest.param({"momentum": 0.5, "epsilon": 0.1}, id="momentum and epsilon"),
    pytest.param({"axis": 1}, id="another axis"),
    pytest.param({"renorm": True}, id="renormalisation"),
])  # fmt: skip
@pytest.mark.parametrize("shape", [(6, 5, 5, 3), (6, 3)], ids=["pictures", "vectors"])
def test_fused_batch_normalization_gives_what_keras_gives(shape: tuple[int, ...], arguments: dict[str, Any]) -> None:
    pixels = tf.constant(np.random.default_rng(0).normal(3, 2, shape).astype(np.float32))
    results = []
    for kind in (FusedBatchNormalization, keras.layers.BatchNormalization):
        layer = kind(**arguments)
        with tf.GradientTape() as tape:
            tape.watch(pixels)
            outputs = layer(pixels, training=True)
            loss = tf.reduce_sum(outputs**3)
        gradients = tape.gradient(loss, [pixels, *layer.trainable_variables])
        results.append([outputs, layer(pixels, training=False), *gradients, *layer.get_weights()])
    for mine, theirs in zip(*results, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=2e-3, atol=2e-3)
