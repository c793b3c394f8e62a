"""Callbacks; act between epochs.

A run stops by itself when the loss is nan or infinite, writes its own history, model and checkpoint, and shows its own
progress, so Keras' callbacks for these are not supported.
"""

from typing import Annotated

from mnist_pipeline.config.keras.spec import KerasSpec, Registry
from mnist_pipeline.config.keras.types import Mode, Natural, NonNegative, Rate

# fmt: off


def EarlyStopping(monitor: str = "val_loss", min_delta: NonNegative = 0, patience: Natural = 0, mode: Mode = "auto",
                  baseline: float | None = None, restore_best_weights: bool = False,
                  start_from_epoch: Natural = 0) -> None:
    """Stops training when the monitored metric has not improved for `patience` epochs."""


def ReduceLROnPlateau(monitor: str = "val_loss", factor: Rate = 0.1, patience: Natural = 10, mode: Mode = "auto",
                      min_delta: NonNegative = 0.0001, cooldown: Natural = 0, min_lr: NonNegative = 0.0) -> None:
    """Multiplies the learning rate by `factor` when the metric stops improving."""


def SwapEMAWeights(swap_on_epoch: bool = False) -> None:
    """Evaluates with the EMA weights (needs use_ema), then restores the weights."""


CALLBACKS = Registry("callback", "callbacks", dict(vars()))
Callback = Annotated[KerasSpec, CALLBACKS]
