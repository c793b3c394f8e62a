"""`train(prepare(config, dataset), run)`: the whole of training."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mnist_pipeline import environment
from mnist_pipeline.config.load import LoadedConfig
from mnist_pipeline.config.schema import Config
from mnist_pipeline.data.dataset import Dataset
from mnist_pipeline.errors import DiagnosticsError, FirstStepRefusedError, TrainingError
from mnist_pipeline.framework import keras, reset_keras, tf
from mnist_pipeline.run.files import MODEL
from mnist_pipeline.run.folder import Run
from mnist_pipeline.training import chance_level, devices, fit
from mnist_pipeline.training.automatic import precision, uses_fast_engine, why_not_compiled
from mnist_pipeline.training.build import RefusedError, build, build_callbacks
from mnist_pipeline.training.callbacks import LearningRate, ProgressReporter, StopOnNaN
from mnist_pipeline.training.checkpoint import Checkpoint, TrainingState, load_state
from mnist_pipeline.training.convert import export
from mnist_pipeline.training.events import EventRecorder, EventReporter, ending, ending_line
from mnist_pipeline.training.keras_errors import StepRefusedError
from mnist_pipeline.training.signals import defer_signals


@dataclass(frozen=True)
class Prepared:
    """A network that Keras takes, compiled, with its data and callbacks, and where its training stands.

    `precision`: in which it trains; `inside_epochs`: whether it can go on inside an epoch, as on one device.
    """

    config: Config
    plan: fit.FitPlan
    callbacks: list[keras.callbacks.Callback]
    state: TrainingState
    precision: str
    inside_epochs: bool


def prepare(loaded: LoadedConfig, dataset: Dataset, run: Run | None = None) -> Prepared:
    """All that `train` needs, made before there is a run, so that what Keras refuses leaves none.

    `run`: one to go on with. Raises ConfigError where Keras refuses the config, TrainingError where it cannot be
    trained on this machine, RunError for a damaged checkpoint.
    """
    config = loaded.config
    steps = fit.steps_per_epoch(config, dataset.split("train"))
    strategy = devices.choose(config.training.device)
    before = load_state(run) if run else TrainingState()
    _seed(config.seed)
    try:
        with _memory_is_enough(), strategy.scope():
            model = build(config, steps)
            asked = build_callbacks(config, steps)
            plan = fit.make_plan(model, config, dataset, len(before.rows), before.step)
            return Prepared(config, plan, asked, before, precision(config), uses_fast_engine(config))
    except RefusedError as refused:
        raise DiagnosticsError(str(loaded.diagnostic(refused.path, f"Keras refuses this: {refused}"))) from refused


def train(prepared: Prepared, run: Run, *, verbose: bool = True) -> None:
    """Leave the trained model and its history in `run`. `verbose`: print a line an epoch to stderr.

    Raises ConfigError where Keras refuses the first step, TrainingError if training cannot go on, and
    KeyboardInterrupt after Ctrl-C, once what was reached is saved.
    """
    config, plan = prepared.config, prepared.plan
    checkpoint = Checkpoint(run, prepared.callbacks, prepared.state, inside_epochs=prepared.inside_epochs)
    report = ProgressReporter(config.training.epochs, plan.steps, checkpoint.epochs, verbose=verbose)
    moved = _note_machine(prepared, run)
    if moved:
        report.say(f"part of this run was trained elsewhere, so its last bits may differ: {'; '.join(moved)}")
    uncompiled = why_not_compiled(config, plan.plain, plan.model)
    if uncompiled:
        report.say(f"training.jit_compile: true has no effect: {uncompiled}")
    try:
        _fit(plan, _all_callbacks(prepared.callbacks, report, checkpoint), checkpoint, config.training.epochs)
    except KeyboardInterrupt as stop:
        report.close()
        if stop is checkpoint.interruption:  # and not a second one, which wants to wait for nothing
            _save(plan.sync_weights(), run, checkpoint)
        raise
    finally:
        report.close()
    checkpoint.write()
    guesses = chance_level.remark(config, checkpoint.rows[-1])
    if guesses:
        report.say(guesses)
    model = plan.sync_weights()
    _save(model, run, checkpoint)
    if checkpoint.interruption:  # it came after the last step
        raise checkpoint.interruption
    ended = ending(checkpoint.story, prepared.callbacks, checkpoint.epochs)
    run.update(training_ended=ended)
    line = ending_line(ended, config.training.epochs)
    if line:
        report.say(line)
    export(model, run)


def _all_callbacks(
    asked: list[keras.callbacks.Callback], report: ProgressReporter, checkpoint: Checkpoint
) -> list[keras.callbacks.Callback]:
    """Those of the config, each watched, among those of every training."""
    rate, story = LearningRate(), checkpoint.story
    watched = [each for callback in asked for each in (callback, EventRecorder(callback, story, rate))]
    return [StopOnNaN(), rate, *watched, report, EventReporter(story, report.say), checkpoint]


def _note_machine(prepared: Prepared, run: Run) -> list[str]:
    """Note what the bits depend on; what differs from what was noted when the run began."""
    where = devices.describe()
    where["versions"], where["hardware"] = environment.versions(), environment.hardware()
    where["precision"] = prepared.precision
    moved = environment.changes_since(run.record, where)
    run.note_machine(where)
    return moved


def _fit(plan: fit.FitPlan, callbacks: list[keras.callbacks.Callback], checkpoint: Checkpoint, epochs: int) -> None:
    try:
        with _memory_is_enough(), defer_signals(checkpoint):
            fit.fit(plan, callbacks, checkpoint.epochs, checkpoint.epochs if checkpoint.stopped else epochs)
    except StepRefusedError as refused:
        begun = checkpoint.epochs or checkpoint.step
        raise (TrainingError if begun else FirstStepRefusedError)(f"Keras cannot train this: {refused}") from refused


@contextmanager
def _memory_is_enough() -> Iterator[None]:
    try:
        yield
    except tf.errors.ResourceExhaustedError as error:
        raise TrainingError(
            "there is not enough memory. Try a smaller training.batch_size, or a smaller model"
        ) from error


def _seed(seed: int) -> None:
    """Fix every random draw, and on a GPU have TensorFlow choose only operations that repeat bit for bit.

    On a processor they all do, and Keras would take the setting as a reason not to compile.
    """
    reset_keras()  # so that layers are named and seeded alike in whichever training of a process
    keras.utils.set_random_seed(seed)
    if tf.config.get_visible_devices("GPU"):
        tf.config.experimental.enable_op_determinism()


def _save(model: keras.Model, run: Run, checkpoint: Checkpoint) -> None:
    def save(file: Path) -> None:
        model.save(os.fspath(file), include_optimizer=False)

    run.write(MODEL, save)
    run.update(
        epochs=checkpoint.epochs,
        training_seconds=round(checkpoint.seconds, 3),
        weights=model.count_params(),
        learning_rate_changes=checkpoint.story.reductions,
    )
