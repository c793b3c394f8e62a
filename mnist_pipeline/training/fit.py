"""Epochs through Keras' own `fit`, with the images in an order that a seed fixes and that differs from epoch to epoch.

Stock `fit` on seeded arrays repeats a single order in every epoch, and knows no way back to the order of an epoch
that is resumed; so the order is drawn here, from the seed and the number of the epoch alone.
"""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_pipeline.config.schema import Config
from mnist_pipeline.config.shapes.infer import infer_shapes
from mnist_pipeline.data.dataset import Dataset, targets
from mnist_pipeline.data.images import Images
from mnist_pipeline.errors import TrainingError
from mnist_pipeline.framework import keras, tf
from mnist_pipeline.training.automatic import jit_compile, precision, uses_fast_engine
from mnist_pipeline.training.build import compiled
from mnist_pipeline.training.keras_errors import guard_steps
from mnist_pipeline.training.mixed_precision import training_clone
from mnist_pipeline.training.multistep import MultiStepModel, on_processor

EVALUATION_BATCH = 1000

# Multiplications, forward, in one block of the fast engine: about a second on two cores, so that the progress bar moves
# and Ctrl-C is heard. A step takes as long as STEP_WORK of them besides its own, and each value that comes out of a
# layer as long as VALUE_WORK.
BLOCK_WORK = 2e10
STEP_WORK = 1e7
VALUE_WORK = 30


@dataclass(frozen=True)
class FitPlan:
    """What `fit` gets: `model` trains in place of `plain`; `steps` of its `train` data make an epoch."""

    plain: keras.Model
    model: keras.Model
    train: tf.data.Dataset
    steps: int
    validation: tf.data.Dataset | None

    def sync_weights(self) -> keras.Model:
        """The plain model with the weights that are reached: Keras' own layers, float32."""
        self.plain.set_weights(self.model.get_weights())
        return self.plain


def epoch_permutation(seed: int, epoch: int, samples: int) -> NDArray[np.int64]:
    """The order of the images in one epoch, (samples,): a permutation that `seed` and `epoch` fix."""
    return np.random.default_rng([seed, epoch]).permutation(samples)


def steps_per_epoch(config: Config, train: Images) -> int:
    """How many steps the optimizer makes in an epoch; the last batch may be smaller."""
    return math.ceil(len(train) / config.training.batch_size)


def make_plan(
    model: keras.Model, config: Config, dataset: Dataset, first_epoch: int = 0, first_step: int = 0
) -> FitPlan:
    """How to train `model`, which is compiled, from `first_epoch` (0 is the first) on.

    The first `first_step` steps of that epoch, which were done before, are empty. Raises TrainingError where that, or
    the config, asks for the fast engine, and several devices are in use.
    """
    if first_step and not uses_fast_engine(config):
        raise TrainingError(
            "this run stopped inside an epoch, and goes on there on one device only. Let TensorFlow see one: "
            "CUDA_VISIBLE_DEVICES=0"
        )
    make = _fast if uses_fast_engine(config) else _stock
    plan = make(model, config, dataset.split("train"), dataset.validation, first_epoch)
    if first_step:
        done = plan.train.take(first_step).map(lambda block: block[:0])
        plan = replace(plan, train=done.concatenate(plan.train.skip(first_step)))
    return plan


def _learner(model: keras.Model, config: Config) -> keras.Model:
    """The twin of `model` that learns in its place, compiled with its optimizer."""
    learner = training_clone(model, precision(config), fused=uses_fast_engine(config))
    model.optimizer.build(learner.trainable_variables)  # now, so that a checkpoint finds all its variables
    return learner


def _compile(learner: keras.Model, config: Config, optimizer: keras.optimizers.Optimizer) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Model doesn't support `jit_compile=True`")  # see why_not_compiled
        compiled(learner, config, optimizer=optimizer, jit_compile=jit_compile(config))


def fit(plan: FitPlan, callbacks: Sequence[keras.callbacks.Callback], first_epoch: int, epochs: int) -> None:
    """Train the model of `plan` in place, through Keras' own `fit`, from `first_epoch` on, until there are `epochs`.

    Raises StepRefusedError.
    """
    guard_steps(plan.model)
    plan.model.fit(
        _untuned(plan.train),
        steps_per_epoch=plan.steps,
        initial_epoch=first_epoch,
        epochs=epochs,
        validation_data=None if plan.validation is None else _untuned(plan.validation),
        callbacks=list(callbacks),
        shuffle=False,  # the order is drawn here
        verbose=0,
    )


def _untuned(data: tf.data.Dataset) -> tf.data.Dataset:
    """`data` without the thread that tunes its buffers: an iterator cannot end before it, and it sleeps ever longer."""
    options = tf.data.Options()
    options.autotune.enabled = False
    return data.with_options(options)


def _stock(model: keras.Model, config: Config, train: Images, validation: Images | None, first_epoch: int) -> FitPlan:
    """Batches of images, one a step, as everyone trains with Keras."""
    learner = _learner(model, config)
    _compile(learner, config, model.optimizer)
    batch = config.training.batch_size
    images, labels = map(on_processor, _examples(train, config))  # there tf.data gathers the batches
    rows = _epochs(config, len(train), first_epoch).flat_map(
        lambda epoch: tf.data.Dataset.from_tensor_slices(epoch).batch(batch)
    )
    batches = rows.map(lambda rows: (tf.gather(images, rows), tf.gather(labels, rows))).prefetch(tf.data.AUTOTUNE)
    judged = None
    if validation:
        judged = tf.data.Dataset.from_tensor_slices(_examples(validation, config)).batch(EVALUATION_BATCH)
    return FitPlan(model, learner, batches, steps_per_epoch(config, train), judged)


def _fast(model: keras.Model, config: Config, train: Images, validation: Images | None, first_epoch: int) -> FitPlan:
    """Blocks of row numbers, many batches a step; the images stay where they are."""
    batch = config.training.batch_size
    whole = len(train) // batch
    length = _block_length(config, whole)
    resident = MultiStepModel(
        _learner(model, config), _examples(train, config), _examples(validation, config) if validation else None
    )
    _compile(resident, config, model.optimizer)
    blocks = _epochs(config, len(train), first_epoch).flat_map(lambda rows: _blocks(rows, batch, length))
    steps = math.ceil(whole / length) + bool(len(train) % batch)
    judged = _blocks(np.arange(len(validation)), EVALUATION_BATCH, len(validation)) if validation else None
    return FitPlan(model, resident, blocks, steps, judged)


def _examples(part: Images, config: Config) -> tuple[NDArray[Any], NDArray[Any]]:
    return part.images, targets(part.labels, config)


def _epochs(config: Config, samples: int, first_epoch: int) -> tf.data.Dataset:
    """The order of the images, int64 (samples,), of one epoch after another."""

    def drawn(epoch: NDArray[np.int64]) -> NDArray[np.int64]:
        return epoch_permutation(config.seed, int(epoch), samples)

    epochs = tf.data.Dataset.range(first_epoch, config.training.epochs)
    return epochs.map(lambda epoch: tf.ensure_shape(tf.numpy_function(drawn, [epoch], tf.int64), [samples]))


def _blocks(rows: Any, batch: int, length: int) -> tf.data.Dataset:
    """`rows` as blocks of at most `length` whole batches, and a block for the smaller batch that is left."""
    whole, left = divmod(int(rows.shape[0]), batch)
    blocks = tf.data.Dataset.from_tensor_slices(tf.reshape(rows[: whole * batch], [whole, batch])).batch(max(length, 1))
    return blocks.concatenate(tf.data.Dataset.from_tensors(rows[whole * batch :][None])) if left else blocks


def _block_length(config: Config, steps: int) -> int:
    """Of `steps` batches, how many make a block: as many as BLOCK_WORK allows, in blocks of about one length."""
    rows = infer_shapes(config.model.layers)
    image = sum(row.params * math.prod(row.shape[:-1]) + VALUE_WORK * math.prod(row.shape) for row in rows)
    most = max(1, int(BLOCK_WORK / (STEP_WORK + image * config.training.batch_size)))
    return math.ceil(steps / max(1, math.ceil(steps / most))) if steps else 1
