"""Ctrl-C and SIGTERM while training: the state is saved first."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from mnist_pipeline.errors import Terminated
from mnist_pipeline.training.checkpoint import Checkpoint

INTERRUPTIONS = {signal.SIGINT: KeyboardInterrupt, signal.SIGTERM: Terminated}


@contextmanager
def saved_first(checkpoint: Checkpoint) -> Iterator[None]:
    """Inside, a signal to stop is kept until `checkpoint` has written the next step; a second one stops at once.

    One that is ignored, as Ctrl-C is for a process in the background, stays so.
    """

    def ask(number: int, _: FrameType | None) -> None:
        checkpoint.interruption = INTERRUPTIONS[signal.Signals(number)]()
        signal.signal(number, previous[number])

    heard = [number for number in INTERRUPTIONS if signal.getsignal(number) is not signal.SIG_IGN]
    previous: dict[int, Any] = {number: signal.signal(number, ask) for number in heard}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
