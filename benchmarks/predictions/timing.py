"""Timing of predictions."""

import time
from collections.abc import Callable
from typing import Any

ROUNDS = 5
BATCHES = (32, 128, 1000)


def seconds(predict: Callable[[], Any]) -> list[float]:
    """The seconds of `predict`, several times, after a first call that is not timed."""
    predict()
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        predict()
        taken.append(time.perf_counter() - start)
    return taken


def by_batch(predict: Callable[[int], Any]) -> dict[int, list[float]]:
    """The seconds of `predict`, which takes a batch size, for each of BATCHES."""
    return {batch: seconds(lambda batch=batch: predict(batch)) for batch in BATCHES}
