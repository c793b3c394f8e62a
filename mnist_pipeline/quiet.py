"""Keeps back what C++ libraries write to stderr, which no setting of theirs silences."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO


@contextmanager
def quiet(*, told_after_failure: bool = False) -> Iterator[None]:
    """Nothing reaches stderr from within. After a failure it is all said, if that is asked for; not after Ctrl-C."""
    if sys.stderr is None:  # closed, so its number may stand for another file
        yield
        return
    sys.stderr.flush()
    with _kept() as kept:
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


def _kept() -> IO[bytes]:
    """A file for what is said within; where there is no folder for temporary files, one that forgets it."""
    try:
        return tempfile.TemporaryFile()
    except OSError:
        return open(os.devnull, "w+b")  # noqa: PTH123, as tempfile's is opened
