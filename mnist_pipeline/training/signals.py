"""Save the state before Ctrl-C, SIGTERM or a similar signal stops training."""

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
    "SIGHUP": Terminated,  # the terminal or the connection to it is closed; not on Windows
    "SIGBREAK": Terminated,  # Windows only: Ctrl-Break, the console is closed, the user logs off
}
INTERRUPTIONS = {signal.Signals[name]: stop for name, stop in STOPS.items() if name in signal.Signals.__members__}


@contextmanager
def defer_signals(checkpoint: Checkpoint) -> Iterator[None]:
    """Let the first signal to stop take effect when `checkpoint` has saved a step.

    A second one takes effect at once. An ignored signal, such as Ctrl-C for a process in the background, stays ignored;
    so does every handler of a host that runs this as a library, except that of Ctrl-C. Only the main thread receives
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
    handler = signal.getsignal(number)
    if threading.current_thread() is not threading.main_thread() or handler in (signal.SIG_IGN, None):  # None: C code's
        return False
    return process.is_owned() or handler is signal.default_int_handler
