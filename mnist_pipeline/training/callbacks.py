"""Callbacks of every training, besides those of the config.

See also progress.py, events.py and checkpoint.py.
"""

import math

from mnist_pipeline.errors import TrainingError
from mnist_pipeline.framework import keras
from mnist_pipeline.training.schedules import learning_rate

Logs = dict[str, float]


class LearningRateLogger(keras.callbacks.Callback):  # type: ignore[misc]
    """Adds the learning rate of the epoch's last step to its logs.

    Must precede the callbacks of the config.
    """

    rate = 0.0

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self.rate = learning_rate(self.model)
        if logs is not None:
            logs["learning_rate"] = self.rate  # the callbacks after this one get the same dictionary


class StopOnNaN(keras.callbacks.Callback):  # type: ignore[misc]
    """Raises TrainingError, with the next step, when the loss is nan or infinite."""

    epoch = 0

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._require_finite(logs)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self._require_finite(logs)

    def _require_finite(self, logs: Logs | None) -> None:
        loss = (logs or {}).get("loss", 0.0)
        if not math.isfinite(loss):
            rate = learning_rate(self.model)
            raise TrainingError(
                f"training stopped in epoch {self.epoch + 1}: the loss is {loss}. The learning rate ({rate:.3g}) is "
                f"probably too high; try {rate / 10:.3g}, or clipnorm: 1 in the optimizer"
            )
