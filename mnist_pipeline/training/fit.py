"""Train through Keras' own `fit`, with images in an order fixed by the seed.

The order differs every epoch. Stock `fit` on seeded arrays repeats one order in every epoch, and cannot restore the
order of an epoch that is resumed; here the seed and the number of the epoch alone determine it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_pipeline.config.schema import Config
from mnist_pipeline.config.shapes.infer import infer_shapes
from mnist_pipeline.data.dataset import Dataset
from mnist_pipeline.data.images import Images
from mnist_pipeline.errors import TrainingError
from mnist_pipeline.framework import keras, tf
from mnist_pipeline.process import ignore_warnings
from mnist_pipeline.tasks import targets
from mnist_pipeline.training.automatic import jit_compile, uses_fast_engine
from mnist_pipeline.training.build import compile_model
from mnist_pipeline.training.keras_errors import guard_steps
from mnist_pipeline.training.mixed_precision import choose_precision, training_clone
from mnist_pipeline.training.multistep import MultiStepModel, on_processor

EVALUATION_BATCH = 1000

# The work of one block of the fast engine, in multiplications of a forward pass: about a second on two cores, so that
# the progress bar moves and Ctrl-C takes effect. A step costs STEP_WORK besides its multiplications, and each output
# value of a layer VALUE_WORK.
BLOCK_WORK = 2e10
STEP_WORK = 1e7
VALUE_WORK = 30


@dataclass(frozen=True)
class FitPlan:
    """The arguments of `fit`.

    `training_model` trains in place of `model`; `steps` of its `train` data are an epoch.
    """

    model: keras.Model
    training_model: keras.Model
    train: tf.data.Dataset
    steps: int
    validation: tf.data.Dataset | None

    def sync_weights(self) -> keras.Model:
        """`model`, with the weights of `training_model`: Keras' own layers, float32."""
        self.model.set_weights(self.training_model.get_weights())
        return self.model


def epoch_permutation(seed: int, epoch: int, samples: int) -> NDArray[np.int64]:
    """The order of the images in `epoch`, int64 (samples,)."""
    return np.random.default_rng([seed, epoch]).permutation(samples)


def steps_per_epoch(config: Config, train: Images) -> int:
    """The number of optimizer steps in an epoch; the last batch may be smaller."""
    return math.ceil(len(train) / config.training.batch_size)


def make_plan(
    model: keras.Model, config: Config, dataset: Dataset, first_epoch: int = 0, first_step: int = 0
) -> FitPlan:
    """Plan the training of `model`, which is compiled, from `first_epoch` on.

    Both numbers count from 0. The first `first_step` steps of that epoch are already done, and are empty. Raises
    TrainingError where they, or the config, require the fast engine and several devices are in use.
    """
    if first_step and not uses_fast_engine(config):
        raise TrainingError(
            "this run stopped inside an epoch, where it can be resumed on one device only. Let TensorFlow use one: "
            "CUDA_VISIBLE_DEVICES=0"
        )
    make = _fast_plan if uses_fast_engine(config) else _stock_plan
    plan = make(model, config, dataset.split("train"), dataset.validation, first_epoch)
    if first_step:
        empty_steps = plan.train.take(first_step).map(lambda block: block[:0])
        plan = replace(plan, train=empty_steps.concatenate(plan.train.skip(first_step)))
    return plan


def fit(plan: FitPlan, callbacks: Sequence[keras.callbacks.Callback], first_epoch: int, epochs: int) -> None:
    """Train with Keras' own `fit`, from `first_epoch` to a total of `epochs`.

    `first_epoch` counts from 0. Raises StepRefusedError.
    """
    guard_steps(plan.training_model)
    plan.training_model.fit(
        _without_autotune(plan.train),
        steps_per_epoch=plan.steps,
        initial_epoch=first_epoch,
        epochs=epochs,
        validation_data=None if plan.validation is None else _without_autotune(plan.validation),
        callbacks=list(callbacks),
        shuffle=False,  # `train` is in the order of epoch_permutation
        verbose=0,
    )


def _stock_plan(
    model: keras.Model, config: Config, train: Images, validation: Images | None, first_epoch: int
) -> FitPlan:
    """Batches of images, one a step, as in stock Keras."""
    training_model = _training_clone(model, config)
    _compile(training_model, config, model.optimizer)
    batch = config.training.batch_size
    images, labels = map(on_processor, _examples(train, config))  # where tf.data gathers the batches
    indices = _epoch_indices(config, len(train), first_epoch).flat_map(
        lambda epoch: tf.data.Dataset.from_tensor_slices(epoch).batch(batch)
    )
    batches = indices.map(lambda rows: (tf.gather(images, rows), tf.gather(labels, rows))).prefetch(tf.data.AUTOTUNE)
    validation_batches = None
    if validation:
        validation_batches = tf.data.Dataset.from_tensor_slices(_examples(validation, config)).batch(EVALUATION_BATCH)
    return FitPlan(model, training_model, batches, steps_per_epoch(config, train), validation_batches)


def _fast_plan(
    model: keras.Model, config: Config, train: Images, validation: Images | None, first_epoch: int
) -> FitPlan:
    """Blocks of image indices, many batches a step; the images stay on the device."""
    batch = config.training.batch_size
    full_batches = len(train) // batch
    length = _block_length(config, full_batches)
    training_model = MultiStepModel(
        _training_clone(model, config), _examples(train, config), _examples(validation, config) if validation else None
    )
    _compile(training_model, config, model.optimizer)
    blocks = _epoch_indices(config, len(train), first_epoch).flat_map(lambda epoch: _blocks(epoch, batch, length))
    steps = math.ceil(full_batches / length) + bool(len(train) % batch)
    validation_blocks = None
    if validation:
        validation_blocks = _blocks(np.arange(len(validation)), EVALUATION_BATCH, len(validation))
    return FitPlan(model, training_model, blocks, steps, validation_blocks)


def _training_clone(model: keras.Model, config: Config) -> keras.Model:
    clone = training_clone(model, choose_precision(config), fused=uses_fast_engine(config))
    model.optimizer.build(clone.trainable_variables)  # a checkpoint restores its variables before the first step
    return clone


def _compile(training_model: keras.Model, config: Config, optimizer: keras.optimizers.Optimizer) -> None:
    with ignore_warnings("Model doesn't support `jit_compile=True`"):  # see why_not_compiled
        compile_model(training_model, config, optimizer=optimizer, jit_compile=jit_compile(config))


def _examples(part: Images, config: Config) -> tuple[NDArray[Any], NDArray[Any]]:
    return part.images, targets(part.labels, config.data.kind, config.data.positive, sparse=config.sparse_labels)


def _epoch_indices(config: Config, samples: int, first_epoch: int) -> tf.data.Dataset:
    """The `epoch_permutation`, int64 (samples,), of one epoch after another."""

    def permutation(epoch: NDArray[np.int64]) -> NDArray[np.int64]:
        return epoch_permutation(config.seed, int(epoch), samples)

    epochs = tf.data.Dataset.range(first_epoch, config.training.epochs)
    return epochs.map(lambda epoch: tf.ensure_shape(tf.numpy_function(permutation, [epoch], tf.int64), [samples]))


def _blocks(indices: Any, batch: int, length: int) -> tf.data.Dataset:
    """`indices` in blocks of at most `length` full batches.

    A last, smaller batch gets a block of its own.
    """
    full, rest = divmod(int(indices.shape[0]), batch)
    batches = tf.data.Dataset.from_tensor_slices(tf.reshape(indices[: full * batch], [full, batch]))
    blocks = batches.batch(max(length, 1))
    return blocks.concatenate(tf.data.Dataset.from_tensors(indices[full * batch :][None])) if rest else blocks


def _block_length(config: Config, steps: int) -> int:
    """The number of batches in a block, none of which exceeds BLOCK_WORK.

    `steps` are divided evenly.
    """
    rows = infer_shapes(config.model.layers)
    image_work = sum(row.params * math.prod(row.shape[:-1]) + VALUE_WORK * math.prod(row.shape) for row in rows)
    longest = max(1, int(BLOCK_WORK / (STEP_WORK + image_work * config.training.batch_size)))
    return math.ceil(steps / max(1, math.ceil(steps / longest))) if steps else 1


def _without_autotune(data: tf.data.Dataset) -> tf.data.Dataset:
    """`data` without the thread that tunes its buffers.

    An iterator waits for this thread to end, and it sleeps ever longer.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return data.with_options(options)
