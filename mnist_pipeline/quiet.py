"""Keeps back what C++ libraries write to stderr, which no setting of theirs silences."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

LOG_LEVEL = "TF_CPP_MIN_LOG_LEVEL"
ONLY_FAILURES = "3"


def asked_for() -> bool:
    """Whether the user wants to hear TensorFlow's own words."""
    return os.environ.get(LOG_LEVEL, ONLY_FAILURES) != ONLY_FAILURES


@contextmanager
def quiet(*, told_after_failure: bool = False) -> Iterator[None]:
    """Nothing reaches stderr from within. After a failure it is all said, if that is asked for; not after Ctrl-C.

    Where the user has set `LOG_LEVEL` to hear it, nothing is kept back.
    """
    if sys.stderr is None or asked_for():  # None: closed, so its number may stand for another file
        yield
        return
    sys.stderr.flush()
    with _kept(told_after_failure) as kept:
        stderr = os.dup(2)
        os.dup2(kept.fileno(), 2)
        try:
            yield
        except Exception:
            if told_after_failure:
                kept.seek(0)
                os.write(stderr, kept.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


def _kept(told: bool) -> IO[bytes]:
    """A file for what is said within; one that forgets it if it is not to be told, or no temporary one can be made."""
    if told:
        import tempfile

        with suppress(OSError):
            return tempfile.TemporaryFile()
    return open(os.devnull, "w+b")  # noqa: PTH123, as tempfile's is opened
