"""The lock of a run: one process at a time trains into it.

The lock of a process that died is released.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mnist_pipeline.errors import RunError
from mnist_pipeline.files import remove_partials
from mnist_pipeline.run.files import LOCK

LOCK_TIMEOUT_SECONDS = 0.2  # `is_locked` in another process holds the lock for less


@contextmanager
def locked(folder: Path, name: str) -> Iterator[None]:
    """Keep other processes out of `folder`, the run called `name`.

    Files that killed processes left unfinished are removed. Raises RunError if another process trains there, or this
    one cannot write there.
    """
    from filelock import FileLock, Timeout

    if not folder.is_dir():  # FileLock would make it
        raise RunError(f"{name}: this folder no longer exists")
    lock = FileLock(folder / LOCK, timeout=LOCK_TIMEOUT_SECONDS)
    try:
        lock.acquire()
    except Timeout:
        wait = "Wait until it ends, or stop it with Ctrl-C where it runs"
        raise RunError(f"{name}: another process is training into this run. {wait}") from None
    except OSError as error:
        copy = "Copy the run to a folder of your own and resume it there: mnist train --resume COPY"
        raise RunError(f"{name}: cannot write to this folder: {error.strerror}. {copy}") from error
    try:
        remove_partials(folder)
        yield
    finally:
        with suppress(OSError):  # Windows removes no open file
            (folder / LOCK).unlink()
        lock.release()


def explain_folder_error(error: OSError) -> str:
    """Why a folder cannot be made or written to; without permission, what to do."""
    reason = error.strerror or str(error)
    if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
        return reason
    return f"{reason}. Train into a folder of your own: --run-dir FOLDER, or MNIST_RUNS=FOLDER for all runs"


def is_locked(folder: Path) -> bool:
    """Whether a process trains into `folder`; True if unknown. Changes nothing there."""
    from filelock import FileLock, Timeout

    if (folder / LOCK).is_symlink() or not (folder / LOCK).is_file():  # a link leads out of the run
        return False
    lock = FileLock(folder / LOCK, timeout=0)
    try:
        lock.acquire()
    except (Timeout, OSError):
        return True
    lock.release()
    return False
