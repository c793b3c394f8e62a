"""`train(config, dataset, run)`: the whole of training."""

import os
from pathlib import Path

from mnist_pipeline import environment
from mnist_pipeline.config.load import LoadedConfig
from mnist_pipeline.data.dataset import Dataset
from mnist_pipeline.errors import ConfigError, TrainingError
from mnist_pipeline.framework import keras, tf
from mnist_pipeline.run import Run
from mnist_pipeline.training import devices, engine, guessing
from mnist_pipeline.training.automatic import precision, uses_fast_engine
from mnist_pipeline.training.callbacks import LearningRate, Report, StopOnNaN
from mnist_pipeline.training.checkpoint import Checkpoint
from mnist_pipeline.training.export import export
from mnist_pipeline.training.interruption import saved_first
from mnist_pipeline.training.model import REFUSALS, RefusedError, build, build_callbacks


def train(loaded: LoadedConfig, dataset: Dataset, run: Run) -> None:
    """Leave the trained model and its history in `run`; go on from its checkpoint, if it has one.

    Raises ConfigError where Keras refuses the config, TrainingError if training cannot go on, and KeyboardInterrupt
    after Ctrl-C, once what was reached is saved.
    """
    config = loaded.config
    steps = engine.steps_per_epoch(config, dataset.split("train"))
    strategy = devices.choose(config.training.device)
    where = {
        "versions": environment.versions(), "hardware": environment.hardware(),
        **devices.describe(), "precision": precision(config),
    }  # fmt: skip
    moved = environment.changes_since(run.record, where)
    run.note_machine(where)
    _seed(config.seed)
    try:
        with strategy.scope():
            model = build(config, steps)
            asked = build_callbacks(config, steps)
            checkpoint = Checkpoint(run, asked, inside_epochs=uses_fast_engine(config))
            plan = engine.plan(model, config, dataset, checkpoint.epochs, checkpoint.step)
    except RefusedError as refused:
        raise ConfigError(str(loaded.problem(refused.path, f"Keras refuses this: {refused}"))) from refused
    report = Report(config.training.epochs, plan.steps, checkpoint.epochs)
    if moved:
        report.say(f"part of this run was trained elsewhere, so its last bits may differ: {'; '.join(moved)}")
    callbacks = [StopOnNaN(), LearningRate(), *asked, report, checkpoint]
    try:
        last = checkpoint.epochs if checkpoint.stopped else config.training.epochs
        with saved_first(checkpoint):
            engine.fit(plan, callbacks, checkpoint.epochs, last)
    except KeyboardInterrupt as stop:
        report.close()
        if stop is checkpoint.interruption:  # and not a second one, which wants to wait for nothing
            _save(plan.trained(), run, checkpoint)
        raise
    except tf.errors.ResourceExhaustedError as error:
        raise TrainingError(
            "there is not enough memory. Try a smaller training.batch_size, or a smaller model"
        ) from error
    except REFUSALS as error:
        raise TrainingError(f"Keras cannot train this: {_first_paragraph(error)}") from error
    finally:
        report.close()
    checkpoint.write()
    guesses = guessing.remark(config, checkpoint.rows[-1])
    if guesses:
        report.say(guesses)
    model = plan.trained()
    _save(model, run, checkpoint)
    if checkpoint.interruption:  # it came after the last step
        raise checkpoint.interruption
    export(model, run)


def _seed(seed: int) -> None:
    """Fix every random draw, and on a GPU have TensorFlow choose only operations that repeat bit for bit.

    On a processor they all do, and Keras would take the setting as a reason not to compile.
    """
    keras.utils.clear_session()  # so that layers are named and seeded alike in whichever training of a process
    keras.utils.set_random_seed(seed)
    if tf.config.get_visible_devices("GPU"):
        tf.config.experimental.enable_op_determinism()


def _save(model: keras.Model, run: Run, checkpoint: Checkpoint) -> None:
    def save(file: Path) -> None:
        model.save(os.fspath(file), include_optimizer=False)

    run.write_model(save)
    run.update(
        epochs=checkpoint.epochs,
        training_seconds=round(checkpoint.seconds, 3),
        weights=model.count_params(),
    )


def _first_paragraph(error: BaseException) -> str:
    return str(error).strip().split("\n\n")[0]
