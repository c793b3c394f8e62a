"""How answers are timed."""

import time
from collections.abc import Callable
from typing import Any

ROUNDS = 5
BATCHES = (32, 128, 1000)


def seconds(answer: Callable[[], Any]) -> list[float]:
    """The seconds of `answer`, several times, after a first time that does not count."""
    answer()
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        answer()
        taken.append(time.perf_counter() - began)
    return taken


def by_batch(answer: Callable[[int], Any]) -> dict[int, list[float]]:
    """The seconds of `answer`, which takes a batch size, for each of some."""
    return {batch: seconds(lambda batch=batch: answer(batch)) for batch in BATCHES}
