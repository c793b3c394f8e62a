"""A callback that times epochs, for whatever trains by Keras' `fit`."""

import time

from mnist_pipeline.framework import keras


class Clock(keras.callbacks.Callback):  # type: ignore[misc]
    """The seconds of each epoch, its validation included."""

    def __init__(self) -> None:
        """Nothing is timed yet."""
        super().__init__()
        self.seconds: list[float] = []
        self.began = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        """Start."""
        self.began = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        """Stop."""
        self.seconds.append(time.perf_counter() - self.began)
