"""Record and report what the callbacks of a config did.

Learning-rate reductions, and why training ended.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from mnist_pipeline.framework import keras
from mnist_pipeline.run.record import Ending, Reduction
from mnist_pipeline.training.callbacks import LearningRateLogger, Logs
from mnist_pipeline.training.schedules import learning_rate


@dataclass
class Events:
    """The events so far; part of every checkpoint."""

    reductions: list[Reduction] = field(default_factory=list)
    stop: Ending | None = None  # by a callback, before the last epoch


class EventRecorder(keras.callbacks.Callback):  # type: ignore[misc]
    """Records what `callback`, which runs just before it, did at the end of an epoch."""

    def __init__(self, callback: keras.callbacks.Callback, events: Events, rate_logger: LearningRateLogger) -> None:
        super().__init__()
        self.callback, self.events, self.rate_logger = callback, events, rate_logger

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if logs is not None:  # ReduceLROnPlateau overwrites it with the rate of the next epoch
            logs["learning_rate"] = self.rate_logger.rate
        if isinstance(self.callback, keras.callbacks.ReduceLROnPlateau):
            self._record_reduction(epoch + 1)
        elif isinstance(self.callback, keras.callbacks.EarlyStopping) and self.model.stop_training:
            self.events.stop = self.events.stop or _early_ending(self.callback, epoch + 1)

    def _record_reduction(self, epoch: int) -> None:
        earlier = [each["after"] for each in self.events.reductions if each["epoch"] == epoch]
        before, after = (earlier or [self.rate_logger.rate])[-1], learning_rate(self.model)
        if after != before:
            monitor, patience = self.callback.monitor, max(1, self.callback.patience)
            self.events.reductions.append(
                Reduction(epoch=epoch, before=before, after=after, monitor=monitor, patience=patience)
            )


class EventReporter(keras.callbacks.Callback):  # type: ignore[misc]
    """Reports the learning-rate reductions of an epoch, below the line of the epoch."""

    def __init__(self, events: Events, print_line: Callable[[str], None]) -> None:
        """`print_line`: prints a line."""
        super().__init__()
        self.events, self.print_line = events, print_line

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        for reduction in self.events.reductions:
            if reduction["epoch"] == epoch + 1:
                self.print_line(format_reduction(reduction))


def ending(events: Events, callbacks: Sequence[keras.callbacks.Callback], epochs: int) -> Ending:
    """Why training ended after `epochs`, and the epoch whose weights the model has."""
    outcome: dict[str, Any] = {"because": "epochs", "epoch": epochs, "weights_of_epoch": epochs}
    restoring = [each for each in callbacks if getattr(each, "best_weights", None) is not None]
    monitoring = [each for each in callbacks if getattr(each, "best_epoch", None) is not None and each.best is not None]
    for each in (restoring or monitoring)[-1:]:
        outcome |= {"monitor": each.monitor, "best_epoch": int(each.best_epoch) + 1}
    if restoring:
        outcome["weights_of_epoch"] = outcome["best_epoch"]
    weights_epoch = outcome["weights_of_epoch"]
    return Ending(**{**outcome, **(events.stop or {}), "weights_of_epoch": weights_epoch})  # type: ignore[typeddict-item]


def format_ending(outcome: Ending, epochs: int) -> str | None:
    """The last line of a training: why it ended early, and whose weights are kept.

    None if all epochs were trained, and the last one is the best or none is monitored.
    """
    epoch, weights_epoch, best = outcome["epoch"], outcome["weights_of_epoch"], outcome.get("best_epoch")
    early = outcome["because"] != "epochs"
    if not early and weights_epoch == epoch and best in (None, epoch):
        return None
    start = f"training ended after epoch {epoch} of {epochs}"
    if early:
        start += f": {outcome['because']}, as {_not_improved(outcome['monitor'], outcome['patience'])}"
    line = f"{start}. The weights of epoch {weights_epoch} are kept"
    if weights_epoch == best:
        line += f", the best by {outcome['monitor']}"
    elif weights_epoch == epoch:
        line += f"; epoch {best} was the best by {outcome['monitor']}: restore_best_weights: true keeps its weights"
    return line


def format_reduction(reduction: Reduction) -> str:
    """`epoch 12: learning rate 0.001 -> 0.0005, loss did not improve for 5 epochs`."""
    rates = f"{reduction['before']:.4g} -> {reduction['after']:.4g}"
    reason = _not_improved(reduction["monitor"], reduction["patience"])
    return f"epoch {reduction['epoch']}: learning rate {rates}, {reason}"


def _early_ending(callback: keras.callbacks.EarlyStopping, epoch: int) -> Ending:
    return Ending(
        because=type(callback).__name__, epoch=epoch, weights_of_epoch=epoch, monitor=callback.monitor,
        patience=max(1, callback.patience), best_epoch=int(callback.best_epoch) + 1,
    )  # fmt: skip


def _not_improved(monitor: str, epochs: int) -> str:
    return f"{monitor} did not improve for {epochs} epoch{'' if epochs == 1 else 's'}"
