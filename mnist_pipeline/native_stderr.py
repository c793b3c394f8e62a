"""Keeps back what C++ libraries write to stderr, which no setting of theirs silences."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import IO

LOG_LEVEL = "TF_CPP_MIN_LOG_LEVEL"
ONLY_FAILURES = "3"


def native_logs_wanted() -> bool:
    """Whether the user wants to hear TensorFlow's own words."""
    return os.environ.get(LOG_LEVEL, ONLY_FAILURES) != ONLY_FAILURES


@contextmanager
def capture_native_stderr(*, replay_on_failure: bool = False, always: bool = False) -> Iterator[Callable[[], bytes]]:
    """Nothing reaches stderr from within; gives a function that tells, within, what was kept back until now.

    After a failure it is all said, if that is asked for; not after Ctrl-C. Where the user has set `LOG_LEVEL` to hear
    TensorFlow, nothing is kept back, unless `always`.
    """
    if sys.stderr is None or (
        native_logs_wanted() and not always
    ):  # None: closed, so its number may stand for another file
        yield bytes
        return
    sys.stderr.flush()
    with _kept() as kept:
        stderr = os.dup(2)
        os.dup2(kept.fileno(), 2)
        try:
            yield lambda: _said(kept)
        except Exception:
            if replay_on_failure:
                os.write(stderr, _said(kept))
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


def _said(kept: IO[bytes]) -> bytes:
    """All of it; what follows is written behind it."""
    kept.seek(0)
    return kept.read()


def _kept() -> IO[bytes]:
    """A file for what is said within: in memory where that can be, as to import tempfile takes `predict` 3 ms.

    Where there is no folder for temporary files either, one that forgets it.
    """
    with suppress(OSError):
        if hasattr(os, "memfd_create"):
            return os.fdopen(os.memfd_create("stderr"), "w+b")
        import tempfile

        return tempfile.TemporaryFile()
    return open(os.devnull, "w+b")  # noqa: PTH123, as tempfile's is opened
