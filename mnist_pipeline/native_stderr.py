"""Capture what C++ libraries write to stderr, which no setting of theirs silences.

Only in a process of our own (see `process`).
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import IO

from mnist_pipeline import process

LOG_LEVEL = "TF_CPP_MIN_LOG_LEVEL"
ONLY_FAILURES = "3"


def native_logs_wanted() -> bool:
    """Whether the user has set `LOG_LEVEL` to see TensorFlow's logs."""
    return os.environ.get(LOG_LEVEL, ONLY_FAILURES) != ONLY_FAILURES


@contextmanager
def capture_native_stderr(*, replay_on_failure: bool = False, always: bool = False) -> Iterator[Callable[[], bytes]]:
    """Capture file descriptor 2; yields a function that returns its content so far.

    `replay_on_failure`: write it to stderr if an exception passes (not after Ctrl-C). `always`: even if the user wants
    native logs. Captures nothing in a process of others, or if stderr is closed.
    """
    # sys.stderr is None where it is closed: descriptor 2 may then be another file
    if not process.is_owned() or sys.stderr is None or (native_logs_wanted() and not always):
        yield bytes
        return
    with process.SETTINGS_LOCK, _capture_file() as capture:
        sys.stderr.flush()
        stderr = os.dup(2)
        os.dup2(capture.fileno(), 2)
        try:
            yield lambda: _content(capture)
        except Exception:
            if replay_on_failure:
                os.write(stderr, _content(capture))
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


def _content(file: IO[bytes]) -> bytes:
    """All of `file`, whose position is then at its end again."""
    file.seek(0)
    return file.read()


def _capture_file() -> IO[bytes]:
    """A file in memory, otherwise a temporary file: importing tempfile takes 3 ms.

    Without a folder for temporary files, the null device.
    """
    with suppress(OSError):
        if hasattr(os, "memfd_create"):
            return os.fdopen(os.memfd_create("stderr"), "w+b")
        import tempfile

        return tempfile.TemporaryFile()
    return open(os.devnull, "w+b")  # noqa: PTH123, as tempfile's is opened
