"""Which signals are deferred during training, and when they take effect.

See test_resume.py for whole trainings.
"""

import signal
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from mnist_pipeline.training.signals import INTERRUPTIONS, defer_signals
from tests.trainings import default_handlers


@pytest.fixture(autouse=True)
def _default_handlers() -> Iterator[None]:
    with default_handlers():
        yield


@pytest.fixture
def checkpoint() -> Any:
    return SimpleNamespace(interruption=None)


def test_the_first_signal_is_left_to_the_checkpoint_and_the_second_one_takes_effect_at_once(checkpoint: Any) -> None:
    def receive_two() -> None:
        with defer_signals(checkpoint):
            signal.raise_signal(signal.SIGINT)
            while checkpoint.interruption is None:  # until Python calls the handler
                pass
            signal.raise_signal(signal.SIGINT)
            time.sleep(10)

    with pytest.raises(KeyboardInterrupt) as raised:
        receive_two()
    assert isinstance(checkpoint.interruption, KeyboardInterrupt)
    assert raised.value is not checkpoint.interruption


def test_afterwards_signals_are_handled_as_before(checkpoint: Any) -> None:
    before = [signal.getsignal(number) for number in INTERRUPTIONS]
    with defer_signals(checkpoint):
        assert [signal.getsignal(number) for number in INTERRUPTIONS] != before
    assert [signal.getsignal(number) for number in INTERRUPTIONS] == before


def test_a_signal_that_is_ignored_as_ctrl_c_in_the_background_stays_ignored(checkpoint: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with defer_signals(checkpoint):
        signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    assert checkpoint.interruption is None


def test_a_thread_other_than_the_main_one_defers_none(checkpoint: Any) -> None:
    handlers = []

    def look() -> None:
        with defer_signals(checkpoint):
            handlers.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert handlers == [signal.default_int_handler]
