"""One epoch after another: the images in an order that a seed fixes and that differs from epoch to epoch.

Stock `fit` on seeded arrays repeats a single order in every epoch, and knows no way back to the order of an epoch
that is resumed; so the order is drawn here, from the seed and the number of the epoch alone.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mnist_pipeline.config.schema import Config
from mnist_pipeline.data.dataset import targets
from mnist_pipeline.data.images import Images
from mnist_pipeline.framework import keras, tf

EVALUATION_BATCH = 1024


def order(seed: int, epoch: int, samples: int) -> NDArray[np.int64]:
    """The order of the images in one epoch, (samples,): a permutation that `seed` and `epoch` fix."""
    return np.random.default_rng([seed, epoch]).permutation(samples)


def steps_per_epoch(config: Config, train: Images) -> int:
    """How many batches one epoch has; the last may be smaller."""
    return math.ceil(len(train) / config.training.batch_size)


def fit(
    model: keras.Model,
    config: Config,
    train: Images,
    validation: Images | None,
    callbacks: Sequence[keras.callbacks.Callback],
    first_epoch: int,
) -> None:
    """Train `model` in place, through Keras' own `fit`, from `first_epoch` (0 is the first) to the last."""
    model.fit(
        _batches(config, train, first_epoch),
        steps_per_epoch=steps_per_epoch(config, train),
        initial_epoch=first_epoch,
        epochs=config.training.epochs,
        validation_data=(validation.images, targets(validation.labels, config)) if validation else None,
        validation_batch_size=EVALUATION_BATCH,
        shuffle=False,  # the order is drawn below
        callbacks=list(callbacks),
        verbose=0,
    )


def _batches(config: Config, train: Images, first_epoch: int) -> tf.data.Dataset:
    """Batches of uint8 images and their targets, epoch after epoch."""
    images, labels = tf.constant(train.images), tf.constant(targets(train.labels, config))

    def drawn(epoch: NDArray[np.int64]) -> NDArray[np.int64]:
        return order(config.seed, int(epoch), len(train))

    def batched(epoch: tf.Tensor) -> tf.data.Dataset:
        rows = tf.numpy_function(drawn, [epoch], tf.int64)
        rows.set_shape([len(train)])
        return tf.data.Dataset.from_tensor_slices(rows).batch(config.training.batch_size)

    epochs = tf.data.Dataset.range(first_epoch, config.training.epochs)
    rows = epochs.flat_map(batched)
    return rows.map(lambda batch: (tf.gather(images, batch), tf.gather(labels, batch))).prefetch(tf.data.AUTOTUNE)
