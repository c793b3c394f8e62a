"""Train a model: `train(prepare_training(loaded, dataset), run)`.

It is built, fitted, saved and converted.
"""

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
    """A compiled model with its data, callbacks and initial state.

    `inside_epochs`: whether training can be resumed inside an epoch, as the fast engine can.
    """

    config: Config
    plan: fit.FitPlan
    callbacks: list[keras.callbacks.Callback]
    state: TrainingState
    precision: str
    inside_epochs: bool


def prepare_training(loaded: LoadedConfig, dataset: Dataset, run: Run | None = None) -> TrainingSetup:
    """Build and compile what `train` needs.

    This takes no run, so a config that Keras refuses leaves none. `run`: an interrupted run to resume. Raises
    ConfigError if Keras refuses the config, TrainingError if this machine cannot train it, and RunError for a damaged
    checkpoint.
    """
    config = loaded.config
    steps = fit.steps_per_epoch(config, dataset.split("train"))
    strategy = devices.choose_strategy(config.training.device)
    state = load_state(run) if run else TrainingState()
    try:
        # Keras draws from Python's random, as it does in other threads that load models
        with process.SETTINGS_LOCK, _explain_out_of_memory(config), strategy.scope():
            _seed(config.seed)
            model = build(config, steps)
            callbacks = build_callbacks(config)
            plan = fit.make_plan(model, config, dataset, len(state.history), state.step)
            return TrainingSetup(config, plan, callbacks, state, choose_precision(config), uses_fast_engine(config))
    except KerasRefusedError as refused:
        raise DiagnosticsError(str(loaded.diagnostic(refused.path, f"Keras refuses this: {refused}"))) from refused


def train(setup: TrainingSetup, run: Run, *, verbose: bool = True) -> None:
    """Train the model, and write it and its history to `run`.

    `verbose`: whether progress is printed to stderr. Raises ConfigError if Keras refuses the first step, TrainingError
    if training cannot continue, and KeyboardInterrupt after Ctrl-C, once the model and a checkpoint are saved.
    """
    config, plan = setup.config, setup.plan
    checkpoint = Checkpoint(run, setup.callbacks, setup.state, inside_epochs=setup.inside_epochs)
    progress = ProgressReporter(config.training.epochs, plan.steps, checkpoint.epochs, verbose=verbose)
    _report_environment(setup, run, progress)
    try:
        _fit(setup, checkpoint, progress)
    except KeyboardInterrupt as interruption:
        if interruption is checkpoint.interruption:  # a second Ctrl-C is another, and saves nothing
            _save(plan.sync_weights(), run, checkpoint)
        raise
    checkpoint.write()
    progress.print_line(chance_level.message(config, checkpoint.history[-1]))
    model = plan.sync_weights()
    _save(model, run, checkpoint)
    if checkpoint.interruption:  # received after the last step
        raise checkpoint.interruption
    outcome = ending(checkpoint.events, setup.callbacks, checkpoint.epochs)
    run.update(training_ended=outcome)
    progress.print_line(format_ending(outcome, config.training.epochs))
    convert_to_litert(model, run)


def _report_environment(setup: TrainingSetup, run: Run, progress: ProgressReporter) -> None:
    """Record what the bits depend on, and report what has changed since.

    Report an unused jit_compile as well.
    """
    machine = devices.describe()
    machine["versions"], machine["hardware"] = environment.versions(), environment.hardware()
    machine["precision"] = setup.precision
    changes = environment.changes_since(run.record, machine)
    run.record_environment(machine)
    if changes:
        progress.print_line(
            f"part of this run was trained elsewhere, so its last bits may differ: {'; '.join(changes)}"
        )
    reason = why_not_compiled(setup.config, setup.plan.model, setup.plan.training_model)
    if reason:
        progress.print_line(f"training.jit_compile: true has no effect: {reason}")


def _fit(setup: TrainingSetup, checkpoint: Checkpoint, progress: ProgressReporter) -> None:
    epochs = checkpoint.epochs if checkpoint.stopped else setup.config.training.epochs
    callbacks = _all_callbacks(setup.callbacks, progress, checkpoint)
    try:
        with _explain_out_of_memory(setup.config), defer_signals(checkpoint):
            fit.fit(setup.plan, callbacks, checkpoint.epochs, epochs)
    except StepRefusedError as refused:
        first = not (checkpoint.epochs or checkpoint.step)
        message = f"epoch {checkpoint.epochs + 1}: Keras cannot train this: {refused}"
        raise (FirstStepRefusedError if first else TrainingError)(message) from refused
    finally:
        progress.close()


def _all_callbacks(
    callbacks: list[keras.callbacks.Callback], progress: ProgressReporter, checkpoint: Checkpoint
) -> list[keras.callbacks.Callback]:
    """The callbacks of the config between those that every training has.

    Each callback of the config is followed by its recorder.
    """
    rate, events = LearningRateLogger(), checkpoint.events
    config_callbacks = [each for callback in callbacks for each in (callback, EventRecorder(callback, events, rate))]
    return [StopOnNaN(), rate, *config_callbacks, progress, EventReporter(events, progress.print_line), checkpoint]


@contextmanager
def _explain_out_of_memory(config: Config) -> Iterator[None]:
    try:
        yield
    except tf.errors.ResourceExhaustedError as error:
        raise TrainingError(
            f"training.batch_size: {config.training.batch_size}: there is not enough memory. Try a smaller batch size, "
            "or a smaller model"
        ) from error


def _seed(seed: int) -> None:
    """Fix every random draw, and on a GPU use only operations that repeat exactly.

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
