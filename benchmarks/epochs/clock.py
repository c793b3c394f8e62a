"""A callback that times epochs, for whatever trains by Keras' `fit`."""

import time
from collections.abc import Callable
from types import ModuleType
from typing import Any


def clock(keras: ModuleType, seconds: list[float], validation: list[float]) -> Any:
    """A callback of `keras` that appends to `seconds` those of each epoch, to `validation` those of them that validate.

    Keras is an argument and not imported here, so that each contestant imports it in its own way.
    """
    start_epoch, end_epoch = _stopwatch(seconds)
    start_validation, end_validation = _stopwatch(validation)
    return keras.callbacks.LambdaCallback(
        on_epoch_begin=start_epoch, on_epoch_end=end_epoch, on_test_begin=start_validation, on_test_end=end_validation
    )


def _stopwatch(seconds: list[float]) -> tuple[Callable[..., None], Callable[..., None]]:
    starts: list[float] = []

    def start(*_: Any, **__: Any) -> None:
        starts.append(time.perf_counter())

    def end(*_: Any, **__: Any) -> None:
        seconds.append(time.perf_counter() - starts[-1])

    return start, end
