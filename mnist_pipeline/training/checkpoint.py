"""Where a training stands at the end of an epoch, so that it can go on from there to the same end.

Keras' BackupAndRestore forgets the state of dropout's random generator, the counters and best weights of callbacks,
and the history; here all of it is kept, and the order of images needs no keeping (see `engine.order`).
"""

import json
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_pipeline.framework import keras
from mnist_pipeline.run import Run

SECONDS_BETWEEN_FILES = 10.0

# What Keras' callbacks remember from epoch to epoch.
COUNTERS = {
    "EarlyStopping": ("wait", "best", "best_epoch", "stopped_epoch"),
    "ReduceLROnPlateau": ("wait", "best", "cooldown_counter"),
}
Arrays = dict[str, NDArray[Any]]


class Checkpoint(keras.callbacks.Callback):  # type: ignore[misc]
    """Keeps the history and the last whole epoch; must stand after the callbacks whose state it keeps."""

    def __init__(self, run: Run, others: list[keras.callbacks.Callback]) -> None:
        """`others`: the callbacks of the config, in its order."""
        super().__init__()
        self.run, self.others = run, others
        self.rows: list[dict[str, float]] = []
        self.arrays: Arrays = {}
        self.saved, self.began = time.monotonic(), time.monotonic()
        self.earlier_seconds = 0.0
        self.stopped = False  # by a callback, before the last epoch
        self._load()

    @property
    def epochs(self) -> int:
        """How many epochs are finished."""
        return len(self.rows)

    @property
    def seconds(self) -> float:
        """How long the training took, the parts before interruptions included."""
        return self.earlier_seconds + time.monotonic() - self.began

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002, Keras' signature
        """Go back to the last whole epoch, if there is one; the other callbacks have just forgotten everything."""
        self.began = time.monotonic()
        if self.arrays:
            self.restore()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Remember this epoch; write it to the disk now and then."""
        self.rows.append({"epoch": epoch + 1, **{name: float(value) for name, value in (logs or {}).items()}})
        self.arrays = self._state()
        self.stopped = bool(self.model.stop_training)
        if time.monotonic() - self.saved > SECONDS_BETWEEN_FILES:
            self.write()

    def restore(self) -> None:
        """Put model, optimizer and callbacks back to the last whole epoch."""
        for index, variable in enumerate(_variables(self.model)):
            variable.assign(self.arrays[f"variable_{index}"])
        counters = json.loads(str(self.arrays["counters"]))
        for index, (callback, values) in enumerate(zip(self.others, counters, strict=True)):
            for name, value in values.items():
                setattr(callback, name, value)
            if f"best_{index}_0" in self.arrays:
                best = [self.arrays[f"best_{index}_{n}"] for n in range(len(self.model.get_weights()))]
                callback.best_weights = best

    def write(self) -> None:
        """Write the last whole epoch, and the history up to it."""
        if not self.arrays:
            return
        history = np.array(json.dumps({"rows": self.rows, "seconds": self.seconds, "stopped": self.stopped}))
        content: dict[str, Any] = {**self.arrays, "history": history}
        self.run.write_checkpoint(lambda file: np.savez(file, **content))
        self.run.write_history(self.rows)
        self.saved = time.monotonic()

    def _state(self) -> Arrays:
        arrays = {
            f"variable_{index}": np.array(keras.ops.convert_to_numpy(variable))
            for index, variable in enumerate(_variables(self.model))
        }
        for index, callback in enumerate(self.others):
            best = getattr(callback, "best_weights", None) or []
            arrays |= {f"best_{index}_{number}": np.array(weights) for number, weights in enumerate(best)}
        arrays["counters"] = np.array(json.dumps([_counters(callback) for callback in self.others]))
        return arrays

    def _load(self) -> None:
        file = self.run.checkpoint
        if file is None:
            return
        with np.load(file, allow_pickle=False) as content:
            self.arrays = {name: content[name] for name in content.files}
        history = json.loads(str(self.arrays.pop("history")))
        self.rows, self.earlier_seconds, self.stopped = history["rows"], history["seconds"], history["stopped"]


def _variables(model: keras.Model) -> list[Any]:
    """All that changes while training: weights, statistics, random-generator states, optimizer slots, learning rate."""
    return [*model.variables, *model.optimizer.variables]


def _counters(callback: keras.callbacks.Callback) -> dict[str, Any]:
    names = COUNTERS.get(type(callback).__name__, ())
    values = {name: getattr(callback, name) for name in names}
    return {name: value if value is None else float(value) for name, value in values.items()}
