"""Where a training stands between two steps, so that it can go on from there to the same end, bit for bit.

Keras' BackupAndRestore forgets the state of dropout's random generator, the counters and best weights of callbacks,
the history, and the place inside an epoch; here all of it is kept. The order of images needs no keeping (see
`engine.order`).
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
from mnist_pipeline.training.events import Events

SECONDS_BETWEEN_FILES = 10.0

# What Keras' callbacks remember from epoch to epoch.
CALLBACK_STATE = {
    "EarlyStopping": ("wait", "best", "best_epoch", "stopped_epoch"),
    "ReduceLROnPlateau": ("wait", "best", "cooldown_counter"),
    "SwapEMAWeights": ("_ema_weights_in_model",),
}
Arrays = dict[str, NDArray[Any]]
Logs = dict[str, float]


@dataclass(frozen=True)
class TrainingState:
    """Where a training stands; without arguments, where each begins.

    `rows`: the history; `step`: how many steps of the epoch that has begun are done; `stopped`: whether a callback
    ended it before the last epoch; `story`: what they did; `arrays`: all that a checkpoint holds.
    """

    rows: list[Logs] = field(default_factory=list)
    step: int = 0
    seconds: float = 0.0
    stopped: bool = False
    story: Events = field(default_factory=Events)
    arrays: Arrays = field(default_factory=dict)


def load_state(run: Run) -> TrainingState:
    """Where the training of `run` stands. Raises RunError for a damaged checkpoint."""
    file = run.checkpoint
    if file is None:
        return TrainingState()
    try:
        with np.load(file, allow_pickle=False) as content:
            arrays = {name: content[name] for name in content.files}
        place = json.loads(str(arrays["place"]))
        story = Events(**place.get("story", {}))  # the first versions kept none
        return TrainingState(
            [_numbers(row) for row in place["rows"]], place["step"], place["seconds"], place["stopped"], story, arrays
        )
    except Exception as error:  # what zipfile, its decompressors, NumPy and json raise for a damaged file
        raise _damaged(run, error) from error


def _damaged(run: Run, error: BaseException) -> RunError:
    return RunError(
        f"{run.checkpoint}: this checkpoint is damaged: {error}. Delete it to train from the start: "
        f"mnist train --resume {run.name}"
    )


class Checkpoint(keras.callbacks.Callback):  # type: ignore[misc]
    """Writes the state of training now and then, and where it is asked to stop; must be the last of the callbacks.

    `interruption`, once it is set, is raised at the next step, when the state is written.
    """

    def __init__(
        self, run: Run, others: list[keras.callbacks.Callback], before: TrainingState, *, inside_epochs: bool
    ) -> None:
        """`others`: the callbacks of the config, in its order; `inside_epochs`: whether training can go on there."""
        super().__init__()
        self.run, self.others, self.inside_epochs = run, others, inside_epochs
        self.rows, self.step, self.stopped = [*before.rows], before.step, before.stopped
        self.story = before.story
        self.interruption: BaseException | None = None
        self.saved = self.began = time.monotonic()
        self.earlier_seconds = before.seconds
        self.arrays = before.arrays  # until they are back in their place
        self.last_epoch: Arrays = {}

    @property
    def epochs(self) -> int:
        """How many epochs are finished."""
        return len(self.rows)

    @property
    def seconds(self) -> float:
        """How long the training took, the parts before interruptions included."""
        return self.earlier_seconds + time.monotonic() - self.began

    def on_train_begin(self, logs: Logs | None = None) -> None:  # noqa: ARG002, Keras' signature
        """Go back to what was written, if anything was; the other callbacks have just forgotten everything."""
        self.saved = self.began = time.monotonic()
        if self.arrays:
            try:
                self._put_back()
            except (KeyError, ValueError, TypeError) as error:
                raise _damaged(self.run, error) from error

    def _put_back(self) -> None:
        for index, variable in enumerate(_variables(self.model)):
            variable.assign(self.arrays[f"variable_{index}"])
        counters = json.loads(str(self.arrays["place"]))["counters"]
        for index, (callback, values) in enumerate(zip(self.others, counters, strict=True)):
            for name, value in _numbers(values).items():
                setattr(callback, name, value)
            if f"best_{index}_0" in self.arrays:
                best = [self.arrays[f"best_{index}_{n}"] for n in range(len(self.model.get_weights()))]
                callback.best_weights = best

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:  # noqa: ARG002, Keras' signature
        """Count the step. After the first of a resumed epoch, which is empty, its metrics exist: fill them."""
        if self.step and self.arrays:
            for index, variable in enumerate(self.model.metrics_variables):
                variable.assign(self.arrays[f"metric_{index}"])
        self.arrays = {}
        if self.inside_epochs:
            self.step = max(self.step, batch + 1)
            self._pause()
        elif self.interruption:
            if self.last_epoch:
                self._write(self.last_epoch)
            raise self.interruption

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Count the epoch."""
        self.rows.append({"epoch": epoch + 1, **{name: float(value) for name, value in (logs or {}).items()}})
        self.step = 0
        self.stopped = bool(self.model.stop_training)
        if not self.inside_epochs:
            self.last_epoch = self._state()
        self._pause()

    def write(self) -> None:
        """Write where training stands, and the history so far."""
        self._write(self._state())

    def _write(self, state: Arrays) -> None:
        content: dict[str, Any] = {**state}
        self.run.write(CHECKPOINT, lambda file: np.savez(file, **content))
        self.run.write_history(self.rows)
        self.saved = time.monotonic()

    def _pause(self) -> None:
        if self.interruption or time.monotonic() - self.saved > SECONDS_BETWEEN_FILES:
            self.write()
        if self.interruption:
            raise self.interruption

    def _state(self) -> Arrays:
        groups = {"variable": _variables(self.model), "metric": self.model.metrics_variables}
        for index, callback in enumerate(self.others):
            groups[f"best_{index}"] = getattr(callback, "best_weights", None) or []
        arrays = {
            f"{group}_{index}": np.array(keras.ops.convert_to_numpy(variable))
            for group, variables in groups.items()
            for index, variable in enumerate(variables)
        }
        place = {
            "rows": [_plain(row) for row in self.rows],
            "step": self.step,
            "seconds": self.seconds,
            "stopped": self.stopped,
            "story": asdict(self.story),
            "counters": [_plain(_counters(callback)) for callback in self.others],
        }
        return arrays | {"place": np.array(json.dumps(place, allow_nan=False))}


def _variables(model: keras.Model) -> list[Any]:
    """All that changes while training: weights, statistics, random-generator states, optimizer slots, learning rate."""
    return [*model.variables, *model.optimizer.variables]


def _counters(callback: keras.callbacks.Callback) -> dict[str, Any]:
    names = CALLBACK_STATE.get(type(callback).__name__, ())
    values = {name: getattr(callback, name) for name in names}
    return {name: value if value is None else float(value) for name, value in values.items()}


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """`values` for JSON, which knows no number that is not finite, as the first `best` of EarlyStopping: as text."""
    return {
        name: str(value) if value is not None and not math.isfinite(value) else value for name, value in values.items()
    }


def _numbers(plain: dict[str, Any]) -> dict[str, Any]:
    return {name: float(value) if isinstance(value, str) else value for name, value in plain.items()}
