"""Batch normalization of images in a single TensorFlow operation."""

from typing import Any

from mnist_pipeline.framework import keras, tf


class FusedBatchNormalization(keras.layers.BatchNormalization):  # type: ignore[misc]
    """Same as keras.layers.BatchNormalization up to rounding.

    Moving statistics are the same too. About four times as fast for images on a processor, where Keras uses separate
    operations.
    """

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        fusible = training and self.trainable and mask is None and len(inputs.shape) == 4 and self.axis in (-1, 3)
        if not fusible or self.get_config().get("renorm"):
            return super().call(inputs, training=training, mask=mask)
        channels = inputs.shape[-1]
        outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=inputs,
            scale=tf.ones(channels) if self.gamma is None else self.gamma,
            offset=tf.zeros(channels) if self.beta is None else self.beta,
            mean=tf.zeros(0),
            variance=tf.zeros(0),
            epsilon=self.epsilon,
        )
        count = tf.cast(tf.size(inputs) / channels, variance.dtype)
        biased = variance * (count - 1) / count  # TensorFlow returns the unbiased variance, Keras keeps the biased one
        self.moving_mean.assign(self.moving_mean * self.momentum + mean * (1 - self.momentum))
        self.moving_variance.assign(self.moving_variance * self.momentum + biased * (1 - self.momentum))
        return outputs
