"""Ctrl-C, SIGTERM and their like while training: the state is saved first."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from mnist_pipeline import process
from mnist_pipeline.errors import Terminated
from mnist_pipeline.training.checkpoint import Checkpoint

STOPS = {
    "SIGINT": KeyboardInterrupt,  # Ctrl-C
    "SIGTERM": Terminated,
    "SIGHUP": Terminated,  # the terminal is closed, or the connection to it; Windows has none
    "SIGBREAK": Terminated,  # Windows alone: Ctrl-Break, the console is closed, the user logs off
}
INTERRUPTIONS = {signal.Signals[name]: stop for name, stop in STOPS.items() if name in signal.Signals.__members__}


@contextmanager
def defer_signals(checkpoint: Checkpoint) -> Iterator[None]:
    """Inside, a signal to stop is kept until `checkpoint` has written the next step; a second one stops at once.

    One that is ignored, as Ctrl-C is for a process in the background, stays so; so does every one that a process of
    others handles, except Ctrl-C where it raises KeyboardInterrupt. Only the main thread receives signals.
    """

    def ask(number: int, _: FrameType | None) -> None:
        checkpoint.interruption = INTERRUPTIONS[signal.Signals(number)]()
        signal.signal(number, previous[number])

    previous: dict[int, Any] = {number: signal.signal(number, ask) for number in filter(_is_ours, INTERRUPTIONS)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _is_ours(number: signal.Signals) -> bool:
    handler = signal.getsignal(number)
    if threading.current_thread() is not threading.main_thread() or handler in (signal.SIG_IGN, None):
        return False
    return process.is_owned() or handler is signal.default_int_handler
