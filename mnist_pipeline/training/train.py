"""Train a model: `train(prepare(config, dataset), run)` builds, fits, saves and converts it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mnist_pipeline import environment, process
from mnist_pipeline.config.load import LoadedConfig
from mnist_pipeline.config.schema import Config
from mnist_pipeline.data.dataset import Dataset
from mnist_pipeline.errors import DiagnosticsError, FirstStepRefusedError, TrainingError
from mnist_pipeline.framework import keras, reset_keras, tf
from mnist_pipeline.run.files import MODEL
from mnist_pipeline.run.folder import Run
from mnist_pipeline.training import chance_level, devices, fit
from mnist_pipeline.training.automatic import uses_fast_engine, why_not_compiled
from mnist_pipeline.training.build import build, build_callbacks
from mnist_pipeline.training.callbacks import LearningRateLogger, StopOnNaN
from mnist_pipeline.training.checkpoint import Checkpoint, TrainingState, load_state
from mnist_pipeline.training.convert import convert_to_litert
from mnist_pipeline.training.events import EventRecorder, EventReporter, ending, format_ending
from mnist_pipeline.training.keras_errors import KerasRefusedError, StepRefusedError
from mnist_pipeline.training.mixed_precision import choose_precision
from mnist_pipeline.training.progress import ProgressReporter
from mnist_pipeline.training.signals import defer_signals


@dataclass(frozen=True)
class TrainingSetup:
    """A compiled model with its data and callbacks, and the state from which its training starts.

    `inside_epochs`: whether training can be resumed inside an epoch, as the fast engine can.
    """

    config: Config
    plan: fit.FitPlan
    callbacks: list[keras.callbacks.Callback]
    state: TrainingState
    precision: str
    inside_epochs: bool


def prepare(loaded: LoadedConfig, dataset: Dataset, run: Run | None = None) -> TrainingSetup:
    """Build and compile what `train` needs; this takes no run, so a config that Keras refuses leaves none.

    `run`: an interrupted run to resume. Raises ConfigError if Keras refuses the config, TrainingError if this machine
    cannot train it, and RunError for a damaged checkpoint.
    """
    config = loaded.config
    steps = fit.steps_per_epoch(config, dataset.split("train"))
    strategy = devices.choose_strategy(config.training.device)
    state = load_state(run) if run else TrainingState()
    try:
        # Keras draws from Python's random, as it does in other threads that load models
        with process.SETTINGS_LOCK, _explain_lack_of_memory(config), strategy.scope():
            _seed(config.seed)
            model = build(config, steps)
            callbacks = build_callbacks(config)
            plan = fit.make_plan(model, config, dataset, len(state.history), state.step)
            return TrainingSetup(config, plan, callbacks, state, choose_precision(config), uses_fast_engine(config))
    except KerasRefusedError as refused:
        raise DiagnosticsError(str(loaded.diagnostic(refused.path, f"Keras refuses this: {refused}"))) from refused


def train(prepared: TrainingSetup, run: Run, *, verbose: bool = True) -> None:
    """Train the model, and leave it and its history in `run`. `verbose`: whether progress is printed to stderr.

    Raises ConfigError if Keras refuses the first step, TrainingError if training cannot continue, and
    KeyboardInterrupt after Ctrl-C, once the model and a checkpoint are saved.
    """
    config, plan = prepared.config, prepared.plan
    checkpoint = Checkpoint(run, prepared.callbacks, prepared.state, inside_epochs=prepared.inside_epochs)
    progress = ProgressReporter(config.training.epochs, plan.steps, checkpoint.epochs, verbose=verbose)
    _report_surroundings(prepared, run, progress)
    try:
        _fit(prepared, checkpoint, progress)
    except KeyboardInterrupt as interruption:
        if interruption is checkpoint.interruption:  # a second Ctrl-C is another, and saves nothing
            _save(plan.sync_weights(), run, checkpoint)
        raise
    checkpoint.write()
    progress.say(chance_level.remark(config, checkpoint.history[-1]))
    model = plan.sync_weights()
    _save(model, run, checkpoint)
    if checkpoint.interruption:  # received after the last step
        raise checkpoint.interruption
    ended = ending(checkpoint.events, prepared.callbacks, checkpoint.epochs)
    run.update(training_ended=ended)
    progress.say(format_ending(ended, config.training.epochs))
    convert_to_litert(model, run)


def _report_surroundings(prepared: TrainingSetup, run: Run, progress: ProgressReporter) -> None:
    """Record what the bits depend on; report where it has changed since the run began, and an unused jit_compile."""
    machine = devices.describe()
    machine["versions"], machine["hardware"] = environment.versions(), environment.hardware()
    machine["precision"] = prepared.precision
    changes = environment.changes_since(run.record, machine)
    run.record_environment(machine)
    if changes:
        progress.say(f"part of this run was trained elsewhere, so its last bits may differ: {'; '.join(changes)}")
    reason = why_not_compiled(prepared.config, prepared.plan.model, prepared.plan.training_model)
    if reason:
        progress.say(f"training.jit_compile: true has no effect: {reason}")


def _fit(prepared: TrainingSetup, checkpoint: Checkpoint, progress: ProgressReporter) -> None:
    epochs = checkpoint.epochs if checkpoint.stopped else prepared.config.training.epochs
    callbacks = _all_callbacks(prepared.callbacks, progress, checkpoint)
    try:
        with _explain_lack_of_memory(prepared.config), defer_signals(checkpoint):
            fit.fit(prepared.plan, callbacks, checkpoint.epochs, epochs)
    except StepRefusedError as refused:
        first = not (checkpoint.epochs or checkpoint.step)
        raise (FirstStepRefusedError if first else TrainingError)(f"Keras cannot train this: {refused}") from refused
    finally:
        progress.close()


def _all_callbacks(
    callbacks: list[keras.callbacks.Callback], progress: ProgressReporter, checkpoint: Checkpoint
) -> list[keras.callbacks.Callback]:
    """The callbacks of the config, each followed by its recorder, between those that every training has."""
    rate, events = LearningRateLogger(), checkpoint.events
    recorded = [each for callback in callbacks for each in (callback, EventRecorder(callback, events, rate))]
    return [StopOnNaN(), rate, *recorded, progress, EventReporter(events, progress.say), checkpoint]


@contextmanager
def _explain_lack_of_memory(config: Config) -> Iterator[None]:
    try:
        yield
    except tf.errors.ResourceExhaustedError as error:
        raise TrainingError(
            f"training.batch_size: {config.training.batch_size}: there is not enough memory. Try a smaller batch size, "
            "or a smaller model"
        ) from error


def _seed(seed: int) -> None:
    """Fix every random draw, and on a GPU restrict TensorFlow to operations that repeat bit for bit.

    On a processor all of them do, and with this setting Keras would not compile.
    """
    reset_keras()  # so that layers get the same names and seeds in every training of a process
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
        learning_rate_changes=checkpoint.events.reductions,
    )
