"""What callbacks did between the epochs, and why training ended: said as it happens, and kept in the run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from mnist_pipeline.framework import keras
from mnist_pipeline.run.record import Ending, Reduction
from mnist_pipeline.training.callbacks import LearningRate, Logs, learning_rate


@dataclass
class Events:
    """What has happened so far; a checkpoint holds it."""

    reductions: list[Reduction] = field(default_factory=list)
    stop: Ending | None = None  # by a callback, before the last epoch


class EventRecorder(keras.callbacks.Callback):  # type: ignore[misc]
    """Notes what `watched`, which comes just before it, did at the end of an epoch."""

    def __init__(self, watched: keras.callbacks.Callback, story: Events, ended_with: LearningRate) -> None:
        """`ended_with`: the callback that saw the learning rate of the epoch."""
        super().__init__()
        self.watched, self.story, self.ended_with = watched, story, ended_with

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Put the learning rate of the epoch back, too, where ReduceLROnPlateau writes what it finds."""
        if logs is not None:
            logs["learning_rate"] = self.ended_with.rate
        if isinstance(self.watched, keras.callbacks.ReduceLROnPlateau):
            self._note_reduction(epoch + 1)
        elif isinstance(self.watched, keras.callbacks.EarlyStopping) and self.model.stop_training:
            self.story.stop = self.story.stop or _stop(self.watched, epoch + 1)

    def _note_reduction(self, epoch: int) -> None:
        earlier = [each["after"] for each in self.story.reductions if each["epoch"] == epoch]
        before, after = (earlier or [self.ended_with.rate])[-1], learning_rate(self.model)
        if after != before:
            monitor, patience = self.watched.monitor, max(1, self.watched.patience)
            self.story.reductions.append(
                Reduction(epoch=epoch, before=before, after=after, monitor=monitor, patience=patience)
            )


class EventReporter(keras.callbacks.Callback):  # type: ignore[misc]
    """Says what happened in an epoch, after the line of the epoch."""

    def __init__(self, story: Events, say: Callable[[str], None]) -> None:
        """`say`: prints a line."""
        super().__init__()
        self.story, self.say = story, say

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:  # noqa: ARG002, Keras' signature
        """Each change of the learning rate."""
        for change in self.story.reductions:
            if change["epoch"] == epoch + 1:
                self.say(reduction_line(change))


def reduction_line(change: Reduction) -> str:
    """`epoch 12: learning rate 0.001 -> 0.0005, val_loss did not improve for 5 epochs`."""
    rates = f"{change['before']:.4g} -> {change['after']:.4g}"
    return f"epoch {change['epoch']}: learning rate {rates}, {_not_improved(change['monitor'], change['patience'])}"


def ending(story: Events, callbacks: Sequence[keras.callbacks.Callback], epochs: int) -> Ending:
    """Why training ended after so many epochs, and the weights of which epoch the model has."""
    ended: dict[str, Any] = {"because": "epochs", "epoch": epochs, "weights_of_epoch": epochs}
    restoring = [each for each in callbacks if getattr(each, "best_weights", None) is not None]
    watching = [each for each in callbacks if getattr(each, "best_epoch", None) is not None and each.best is not None]
    for each in (restoring or watching)[-1:]:
        ended |= {"monitor": each.monitor, "best_epoch": int(each.best_epoch) + 1}
    if restoring:
        ended["weights_of_epoch"] = ended["best_epoch"]
    kept = ended["weights_of_epoch"]
    return Ending(**{**ended, **(story.stop or {}), "weights_of_epoch": kept})  # type: ignore[typeddict-item]


def ending_line(ended: Ending, epochs: int) -> str | None:
    """What there is to say of the end: why it came early, and whose weights are kept; None if nothing is special."""
    epoch, kept, best = ended["epoch"], ended["weights_of_epoch"], ended.get("best_epoch")
    early = ended["because"] != "epochs"
    if not early and kept == epoch and best in (None, epoch):
        return None
    start = f"training ended after epoch {epoch} of {epochs}"
    if early:
        start += f": {ended['because']}, as {_not_improved(ended['monitor'], ended['patience'])}"
    line = f"{start}. The weights of epoch {kept} are kept"
    if kept == best:
        line += f", the best by {ended['monitor']}"
    elif kept == epoch:
        line += f"; by {ended['monitor']} epoch {best} was the best, and restore_best_weights: true would keep its own"
    return line


def _stop(callback: keras.callbacks.EarlyStopping, epoch: int) -> Ending:
    return Ending(
        because=type(callback).__name__, epoch=epoch, weights_of_epoch=epoch, monitor=callback.monitor,
        patience=max(1, callback.patience), best_epoch=int(callback.best_epoch) + 1,
    )  # fmt: skip


def _not_improved(monitor: str, epochs: int) -> str:
    return f"{monitor} did not improve for {epochs} epoch{'' if epochs == 1 else 's'}"
