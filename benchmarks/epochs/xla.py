"""The practical limit: an epoch of baseline by hand as one program for XLA; no Keras, no metrics, no validation."""

import time
from itertools import pairwise
from typing import Any

import numpy as np
import tensorflow as tf

from benchmarks.arrays import BATCH, EPOCHS, LEARNING_RATE, scaled
from benchmarks.result import print_result

SIZES = (784, 128, 128, 10)
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7

(x, y), _ = scaled()
images, digits = tf.constant(x.reshape(-1, 784)), tf.constant(y)
generator = np.random.default_rng(0)


def initial() -> list[Any]:
    """Kernels (Glorot & Bengio 2010) and biases."""
    weights = []
    for inputs, units in pairwise(SIZES):
        limit = np.sqrt(6 / (inputs + units))
        weights += [tf.constant(generator.uniform(-limit, limit, (inputs, units)), tf.float32), tf.zeros(units)]
    return weights


def gradients(weights: list[Any], rows: Any) -> list[Any]:
    """The gradient of the loss of one batch, for each of `weights`."""
    with tf.GradientTape() as tape:
        tape.watch(weights)
        values = tf.gather(images, rows)
        for kernel, bias in zip(weights[:-2:2], weights[1:-2:2], strict=True):
            values = tf.nn.relu(values @ kernel + bias)
        logits = values @ weights[-2] + weights[-1]
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(tf.gather(digits, rows), logits))
    return list(tape.gradient(loss, weights))


@tf.function(jit_compile=True)
def epoch(order: Any, step: Any, weights: list[Any], means: list[Any], squares: list[Any]) -> Any:
    """Adam (Kingma & Ba 2015) over the batches of `order`, (batches, batch size)."""

    def body(index: Any, weights: list[Any], means: list[Any], squares: list[Any]) -> Any:
        slopes = gradients(weights, order[index])
        number = step + tf.cast(index, tf.float32) + 1
        rate = LEARNING_RATE * tf.sqrt(1 - BETA_2**number) / (1 - BETA_1**number)
        means = [mean + (slope - mean) * (1 - BETA_1) for mean, slope in zip(means, slopes, strict=True)]
        squares = [square + (slope**2 - square) * (1 - BETA_2) for square, slope in zip(squares, slopes, strict=True)]
        weights = [
            weight - rate * mean / (tf.sqrt(square) + EPSILON)
            for weight, mean, square in zip(weights, means, squares, strict=True)
        ]
        return index + 1, weights, means, squares

    return tf.while_loop(lambda index, *_: index < order.shape[0], body, (0, weights, means, squares))[1:]


weights = initial()
means = squares = [tf.zeros_like(weight) for weight in weights]
seconds = []
for number in range(EPOCHS):
    start = time.perf_counter()
    order = tf.constant(generator.permutation(len(x)).reshape(-1, BATCH))
    weights, means, squares = epoch(order, tf.constant(float(number * len(order))), weights, means, squares)
    weights[0].numpy()
    seconds.append(time.perf_counter() - start)
print_result(seconds=seconds)
