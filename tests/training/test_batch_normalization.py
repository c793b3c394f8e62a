"""Batch normalization in a single operation gives the same as Keras' own."""

from typing import Any

import numpy as np
import pytest

from mnist_pipeline.framework import keras, tf
from mnist_pipeline.training.batch_normalization import FusedBatchNormalization


@pytest.mark.parametrize("arguments", [
    pytest.param({}, id="defaults"),
    pytest.param({"scale": False, "center": False}, id="neither scale nor center"),
    pytest.param({"momentum": 0.5, "epsilon": 0.1}, id="momentum and epsilon"),
    pytest.param({"axis": 1}, id="another axis"),
    pytest.param({"renorm": True}, id="renormalization"),
])  # fmt: skip
@pytest.mark.parametrize("shape", [(6, 5, 5, 3), (6, 3)], ids=["images", "vectors"])
def test_fused_batch_normalization_gives_the_same_as_keras(shape: tuple[int, ...], arguments: dict[str, Any]) -> None:
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
    for ours, expected in zip(*results, strict=True):
        np.testing.assert_allclose(ours, expected, rtol=2e-3, atol=2e-3)
