"""Training progress on stderr: a line an epoch, and on a terminal a bar."""

import time
from contextlib import suppress
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from mnist_pipeline.framework import keras
from mnist_pipeline.terminal import printable, wrap
from mnist_pipeline.training.callbacks import Logs
from mnist_pipeline.training.schedules import learning_rate

BAR_WIDTH, TIME_WIDTH = 16, 12  # columns; the latter includes the space between all of them


class ProgressReporter(keras.callbacks.Callback):  # type: ignore[misc]
    """A line an epoch on stderr, and on a terminal a bar.

    The bar has the current metrics and the time left.
    """

    def __init__(self, epochs: int, steps: int, first_epoch: int, *, verbose: bool = True) -> None:
        """`steps`: of one epoch; `first_epoch` counts from 0.

        `verbose`: whether anything is printed.
        """
        super().__init__()
        self.epochs, self.steps = epochs, steps
        self.console = Console(stderr=True, highlight=False, soft_wrap=True, quiet=not verbose)
        columns = (TextColumn("{task.description}"), BarColumn(bar_width=BAR_WIDTH), TimeRemainingColumn(compact=True))
        self.bar = Progress(
            *columns, TextColumn("{task.fields[metrics]}"),
            console=self.console, transient=True, disable=not (verbose and self.console.is_terminal),
        )  # fmt: skip
        self.task = self.bar.add_task("", total=epochs * steps, completed=first_epoch * steps, metrics="")
        self.epoch, self.epoch_start = first_epoch, 0.0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self.bar.start()

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self.epoch, self.epoch_start = epoch, time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        if not self.bar.disable:
            completed = self.epoch * self.steps + batch + 1
            description = f"epoch {self.epoch + 1}/{self.epochs}"
            metrics = format_metrics({**(logs or {}), "learning_rate": learning_rate(self.model)})
            width = self.console.width - len(description) - BAR_WIDTH - TIME_WIDTH
            self.bar.update(
                self.task, completed=completed, description=description, metrics=wrap(metrics, width, "")[0]
            )

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        number = f"{epoch + 1:>{len(str(self.epochs))}}/{self.epochs}"
        start = f"epoch {number}  {time.perf_counter() - self.epoch_start:.1f} s"
        width = self.console.width if self.console.is_terminal else None
        self.print_line("\n".join(format_epoch(start, logs or {}, width)))

    def print_line(self, text: str | None) -> None:
        """Print a line above the bar; nothing for None.

        Training continues once the terminal or pipe is closed.
        """
        if text is not None:
            with suppress(OSError):
                self.console.print(printable(text), markup=False)

    def close(self) -> None:
        """Remove the bar."""
        with suppress(OSError):
            self.bar.stop()


def format_metrics(logs: dict[str, Any]) -> list[str]:
    """`loss 0.0912`, `accuracy 0.9713`, `val_loss 0.1003`, ...

    Each loss precedes the metrics of the same data.
    """
    names = sorted(logs, key=lambda name: (name == "learning_rate", name.startswith("val_"), not name.endswith("loss")))
    return [f"{name} {logs[name]:.4g}" for name in names]


def format_epoch(start: str, logs: dict[str, Any], width: int | None) -> list[str]:
    """`start` and the metrics of an epoch in one line.

    Where `width` is too small, validation metrics have lines of their own.
    """
    metrics = format_metrics(logs)
    line = "  ".join([start, *metrics])
    if width is None or len(line) <= width:
        return [line]
    second = next((index for index, each in enumerate(metrics) if each.startswith("val_")), len(metrics))
    indent = " " * (len(start) + 2)
    lines = [*wrap(metrics[:second], width, indent), *wrap(metrics[second:], width, indent)]
    return [start + lines[0][len(start) :], *lines[1:]]
