"""Save the state of a training between two steps, and resume it bit for bit.

Keras' BackupAndRestore loses the state of dropout's random generator, the counters and best weights of callbacks, the
history, and the position inside an epoch; all of it is saved here. The order of the images is not: it follows from the
seed and the epoch (see `fit.epoch_permutation`).
"""

import json
import math
import time
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_pipeline.errors import RunError
from mnist_pipeline.framework import keras
from mnist_pipeline.run.files import CHECKPOINT
from mnist_pipeline.run.folder import Run
from mnist_pipeline.training.callbacks import Logs
from mnist_pipeline.training.events import Events

SECONDS_BETWEEN_FILES = 10.0

# The attributes of Keras' callbacks that change from epoch to epoch.
CALLBACK_STATE = {
    "EarlyStopping": ("wait", "best", "best_epoch", "stopped_epoch"),
    "ReduceLROnPlateau": ("wait", "best", "cooldown_counter"),
    "SwapEMAWeights": ("_ema_weights_in_model",),
}
Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class TrainingState:
    """The state of a training; by default, that of one that has not started.

    `history`: a row an epoch; `step`: the number of steps done in the current epoch; `stopped`: whether a callback
    ended the training before the last epoch; `arrays`: all that a checkpoint holds.
    """

    history: list[Logs] = field(default_factory=list)
    step: int = 0
    seconds: float = 0.0
    stopped: bool = False
    events: Events = field(default_factory=Events)
    arrays: Arrays = field(default_factory=dict)


def load_state(run: Run) -> TrainingState:
    """The state in the checkpoint of `run`, or an empty one.

    Raises RunError for a damaged checkpoint.
    """
    file = run.checkpoint
    if file is None:
        return TrainingState()
    try:
        with np.load(file, allow_pickle=False) as content:
            arrays = {name: content[name] for name in content.files}
        scalars = json.loads(str(arrays["place"]))
        events = Events(**scalars.get("story", {}))  # not in checkpoints made before 0.1.0
        history = [_from_json(row) for row in scalars["rows"]]
        return TrainingState(history, scalars["step"], scalars["seconds"], scalars["stopped"], events, arrays)
    except Exception as error:  # what zipfile, its decompressors, NumPy and json raise for a damaged file
        raise _damaged(run, error) from error


class Checkpoint(keras.callbacks.Callback):  # type: ignore[misc]
    """Saves the state every `SECONDS_BETWEEN_FILES`, and before an interruption.

    Must be the last callback. Set `interruption`, and it is raised after the current step, when the state is saved.
    """

    def __init__(
        self, run: Run, callbacks: list[keras.callbacks.Callback], state: TrainingState, *, inside_epochs: bool
    ) -> None:
        """`callbacks`: those of the config, in its order.

        `inside_epochs`: whether training can be resumed inside an epoch.
        """
        super().__init__()
        self.run, self.callbacks, self.inside_epochs = run, callbacks, inside_epochs
        self.history, self.step, self.stopped = [*state.history], state.step, state.stopped
        self.events = state.events
        self.interruption: BaseException | None = None
        self.last_saved = self.start = time.monotonic()
        self.earlier_seconds = state.seconds
        self.to_restore = state.arrays
        self.end_of_epoch: Arrays = {}

    @property
    def epochs(self) -> int:
        """The number of finished epochs."""
        return len(self.history)

    @property
    def seconds(self) -> float:
        """The duration of the training, including that before interruptions."""
        return self.earlier_seconds + time.monotonic() - self.start

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Restore the state; the other callbacks have just reset theirs."""
        self.last_saved = self.start = time.monotonic()
        if self.to_restore:
            try:
                self._restore()
            except (KeyError, ValueError, TypeError) as error:
                raise _damaged(self.run, error) from error

    def _restore(self) -> None:
        for index, variable in enumerate(_variables(self.model)):
            variable.assign(self.to_restore[f"variable_{index}"])
        counters = json.loads(str(self.to_restore["place"]))["counters"]
        for index, (callback, values) in enumerate(zip(self.callbacks, counters, strict=True)):
            for name, value in _from_json(values).items():
                setattr(callback, name, value)
            if f"best_{index}_0" in self.to_restore:
                best = [self.to_restore[f"best_{index}_{n}"] for n in range(len(self.model.get_weights()))]
                callback.best_weights = best

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Count the step.

        The first one of a resumed epoch is empty, and creates the metrics: restore them.
        """
        if self.step and self.to_restore:
            for index, variable in enumerate(self.model.metrics_variables):
                variable.assign(self.to_restore[f"metric_{index}"])
        self.to_restore = {}
        if self.inside_epochs:
            self.step = max(self.step, batch + 1)
            self._save_if_due()
        elif self.interruption:
            if self.end_of_epoch:
                self._write(self.end_of_epoch)
            raise self.interruption

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self.history.append({"epoch": epoch + 1, **{name: float(value) for name, value in (logs or {}).items()}})
        self.step = 0
        self.stopped = bool(self.model.stop_training)
        if not self.inside_epochs:
            self.end_of_epoch = self._state()
        self._save_if_due()

    def write(self) -> None:
        """Write the state and the history to the run."""
        self._write(self._state())

    def _write(self, state: Arrays) -> None:
        arrays: dict[str, Any] = {**state}
        self.run.write(CHECKPOINT, lambda file: np.savez(file, **arrays))
        self.run.write_history(self.history)
        self.last_saved = time.monotonic()

    def _save_if_due(self) -> None:
        if self.interruption or time.monotonic() - self.last_saved > SECONDS_BETWEEN_FILES:
            self.write()
        if self.interruption:
            raise self.interruption

    def _state(self) -> Arrays:
        groups = {"variable": _variables(self.model), "metric": self.model.metrics_variables}
        for index, callback in enumerate(self.callbacks):
            groups[f"best_{index}"] = getattr(callback, "best_weights", None) or []
        arrays = {
            f"{group}_{index}": np.array(keras.ops.convert_to_numpy(variable))
            for group, variables in groups.items()
            for index, variable in enumerate(variables)
        }
        scalars = {
            "rows": [_to_json(row) for row in self.history],
            "step": self.step,
            "seconds": self.seconds,
            "stopped": self.stopped,
            "story": asdict(self.events),
            "counters": [_to_json(_callback_state(callback)) for callback in self.callbacks],
        }
        return arrays | {"place": np.array(json.dumps(scalars, allow_nan=False))}


def _damaged(run: Run, error: BaseException) -> RunError:
    return RunError(
        f"{run.checkpoint}: this checkpoint is damaged: {error}. To train from the start, delete it and run: "
        f"mnist train --resume {run.name}"
    )


def _variables(model: keras.Model) -> list[Any]:
    """All variables that training changes.

    Weights, statistics, random states, optimizer slots, learning rate.
    """
    return [*model.variables, *model.optimizer.variables]


def _callback_state(callback: keras.callbacks.Callback) -> dict[str, Any]:
    names = CALLBACK_STATE.get(type(callback).__name__, ())
    values = {name: getattr(callback, name) for name in names}
    return {name: value if value is None else float(value) for name, value in values.items()}


def _to_json(values: dict[str, Any]) -> dict[str, Any]:
    """`values` with nan and infinities as text, as JSON has none.

    EarlyStopping's first `best` is one.
    """
    return {
        name: str(value) if value is not None and not math.isfinite(value) else value for name, value in values.items()
    }


def _from_json(values: dict[str, Any]) -> dict[str, Any]:
    return {name: float(value) if isinstance(value, str) else value for name, value in values.items()}
