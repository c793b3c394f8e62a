"""What acts between the epochs: Keras' callbacks.

A run stops by itself when the loss is no longer a number, keeps its own history, model and checkpoint, and
shows its own progress; the callbacks of Keras that do those things are not needed here.
"""

from typing import Annotated

from mnist_pipeline.config.keras.spec import KerasSpec, Registry
from mnist_pipeline.config.keras.types import Mode, Natural, NonNegative, Rate

# fmt: off


def EarlyStopping(monitor: str = "val_loss", min_delta: NonNegative = 0, patience: Natural = 0, mode: Mode = "auto",
                  baseline: float | None = None, restore_best_weights: bool = False,
                  start_from_epoch: Natural = 0) -> None:
    """Stops when the monitored figure has not improved for `patience` epochs."""


def ReduceLROnPlateau(monitor: str = "val_loss", factor: Rate = 0.1, patience: Natural = 10, mode: Mode = "auto",
                      min_delta: NonNegative = 0.0001, cooldown: Natural = 0, min_lr: NonNegative = 0.0) -> None:
    """Multiplies the learning rate by `factor` when the monitored figure has not improved for `patience` epochs."""


def SwapEMAWeights(swap_on_epoch: bool = False) -> None:
    """Uses the moving average of the weights, which the optimizer keeps with use_ema: true, for the final model."""


CALLBACKS = Registry("callback", "callbacks", dict(vars()))
Callback = Annotated[KerasSpec, CALLBACKS]
