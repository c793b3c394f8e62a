"""What every training does between its steps, besides what its config asks for."""

import math
import time
from contextlib import suppress
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from mnist_pipeline.errors import TrainingError
from mnist_pipeline.framework import keras
from mnist_pipeline.terminal import printable, wrap

Logs = dict[str, float]

BAR_WIDTH, TIME_WIDTH = 16, 12  # columns; of the time with what is between all of them


class LearningRate(keras.callbacks.Callback):  # type: ignore[misc]
    """Adds the learning rate that an epoch ended with to its figures; before the callbacks of the config."""

    rate = 0.0

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:  # noqa: ARG002, Keras' signature
        """Keras lets callbacks add to `logs`; those after this one see it."""
        self.rate = learning_rate(self.model)
        if logs is not None:
            logs["learning_rate"] = self.rate


class StopOnNaN(keras.callbacks.Callback):  # type: ignore[misc]
    """Raises TrainingError with advice when the loss is no longer a number."""

    epoch = 0

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:  # noqa: ARG002, Keras' signature
        """Keep its number for the message."""
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:  # noqa: ARG002, Keras' signature
        """Look all the time, as an epoch may be long."""
        self._look(logs)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:  # noqa: ARG002, Keras' signature
        """Look before anything is kept."""
        self._look(logs)

    def _look(self, logs: Logs | None) -> None:
        loss = (logs or {}).get("loss", 0.0)
        if not math.isfinite(loss):
            rate = learning_rate(self.model)
            raise TrainingError(
                f"training stopped in epoch {self.epoch + 1}: the loss is {loss}. The learning rate ({rate:.3g}) is "
                f"probably too high; try {rate / 10:.3g}, or clipnorm: 1 in the optimizer"
            )


class ProgressReporter(keras.callbacks.Callback):  # type: ignore[misc]
    """One line an epoch on stderr; below them, on a terminal, a bar with the figures and the time left."""

    def __init__(self, epochs: int, steps: int, first_epoch: int) -> None:
        """`steps`: those of one epoch."""
        super().__init__()
        self.epochs, self.steps = epochs, steps
        self.console = Console(stderr=True, highlight=False, soft_wrap=True)
        columns = (TextColumn("{task.description}"), BarColumn(bar_width=BAR_WIDTH), TimeRemainingColumn(compact=True))
        self.bar = Progress(
            *columns, TextColumn("{task.fields[figures]}"),
            console=self.console, transient=True, disable=not self.console.is_terminal,
        )  # fmt: skip
        self.task = self.bar.add_task("", total=epochs * steps, completed=first_epoch * steps, figures="")
        self.epoch, self.began = first_epoch, 0.0

    def on_train_begin(self, logs: Logs | None = None) -> None:  # noqa: ARG002, Keras' signature
        """Show the bar."""
        self.bar.start()

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:  # noqa: ARG002, Keras' signature
        """Start the clock of the epoch."""
        self.epoch, self.began = epoch, time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Move the bar."""
        if not self.bar.disable:
            done = self.epoch * self.steps + batch + 1
            description = f"epoch {self.epoch + 1}/{self.epochs}"
            now = format_metrics({**(logs or {}), "learning_rate": learning_rate(self.model)})
            room = self.console.width - len(description) - BAR_WIDTH - TIME_WIDTH
            self.bar.update(self.task, completed=done, description=description, figures=wrap(now, room, "")[0])

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Say what the epoch brought."""
        number = f"{epoch + 1:>{len(str(self.epochs))}}/{self.epochs}"
        begin = f"epoch {number}  {time.perf_counter() - self.began:.1f} s"
        self.say("\n".join(epoch_lines(begin, logs or {}, self.console.width if self.console.is_terminal else None)))

    def say(self, remark: str) -> None:
        """A line above the bar; where the terminal or the pipe is gone, nothing, as training goes on."""
        with suppress(OSError):
            self.console.print(printable(remark), markup=False)

    def close(self) -> None:
        """Take the bar away, however training ended."""
        with suppress(OSError):
            self.bar.stop()


def learning_rate(model: keras.Model) -> float:
    """The learning rate of the last step; before there is one, of the first. Keras tells that of the next."""
    rate = model.optimizer.get_config()["learning_rate"]
    if isinstance(rate, float):
        return rate
    steps = next(each for each in model.optimizer.variables if each.name == "iteration")  # counts those that accumulate
    return float(keras.optimizers.schedules.deserialize(rate)(max(0, int(steps.numpy()) - 1)))


def format_metrics(logs: dict[str, Any]) -> list[str]:
    """`loss 0.0912`, `accuracy 0.9713`, `val_loss 0.1003` ...: the loss first, of training and of validation."""
    names = sorted(logs, key=lambda name: (name == "learning_rate", name.startswith("val_"), not name.endswith("loss")))
    return [f"{name} {logs[name]:.4g}" for name in names]


def epoch_lines(begin: str, logs: dict[str, Any], width: int | None) -> list[str]:
    """What an epoch brought, in one line, or, where that is too wide, training and validation in one of their own."""
    parts = format_metrics(logs)
    line = "  ".join([begin, *parts])
    if width is None or len(line) <= width:
        return [line]
    second = next((place for place, part in enumerate(parts) if part.startswith("val_")), len(parts))
    indent = " " * (len(begin) + 2)
    lines = [*wrap(parts[:second], width, indent), *wrap(parts[second:], width, indent)]
    return [begin + lines[0][len(begin) :], *lines[1:]]
