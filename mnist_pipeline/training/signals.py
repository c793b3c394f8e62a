"""Ctrl-C, SIGTERM and similar signals during training: the state is saved before training stops."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from mnist_pipeline.errors import Terminated
from mnist_pipeline.training.checkpoint import Checkpoint

STOPS = {
    "SIGINT": KeyboardInterrupt,  # Ctrl-C
    "SIGTERM": Terminated,
    "SIGHUP": Terminated,  # the terminal or the connection to it is closed; not on Windows
    "SIGBREAK": Terminated,  # Windows only: Ctrl-Break, the console is closed, the user logs off
}
INTERRUPTIONS = {signal.Signals[name]: stop for name, stop in STOPS.items() if name in signal.Signals.__members__}


@contextmanager
def defer_signals(checkpoint: Checkpoint) -> Iterator[None]:
    """Inside, the first signal to stop takes effect when `checkpoint` has saved the next step; a second one at once.

    An ignored signal, such as Ctrl-C for a process in the background, stays ignored. Only the main thread receives
    signals; in another thread nothing is deferred.
    """

    def request_stop(number: int, _: FrameType | None) -> None:
        checkpoint.interruption = INTERRUPTIONS[signal.Signals(number)]()
        signal.signal(number, previous[number])

    deferred = filter(_can_be_deferred, INTERRUPTIONS)
    previous: dict[int, Any] = {number: signal.signal(number, request_stop) for number in deferred}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _can_be_deferred(number: signal.Signals) -> bool:
    in_main_thread = threading.current_thread() is threading.main_thread()
    return in_main_thread and signal.getsignal(number) not in (signal.SIG_IGN, None)  # None: set by C code
