"""Atomic writes: a file is complete or absent, whatever interrupts its writer."""

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

WINDOWS = os.name == "nt"
PARTIAL = ".partial-"
MAX_WRITING_SECONDS = 86_400.0  # an older one is no longer being written
RETRY_PAUSES = (0.01, 0.03, 0.1, 0.3, 1.0)  # seconds between attempts to replace a file that is open elsewhere


@contextmanager
def atomic_write(file: Path) -> Iterator[Path]:
    """A temporary path, synced to the disk and renamed to `file` when the block ends.

    If the block raises, or the file cannot be written (OSError), the temporary one is removed and `file` is as it was.
    The renaming is not synced, which Windows cannot do: after a power failure the older file may be back, complete.
    """
    import shutil

    # not tempfile: on Windows only the owner can read its folders, and any file that is moved out of them
    remove_partials(file.parent, MAX_WRITING_SECONDS)
    folder = file.parent / f"{PARTIAL}{os.urandom(8).hex()}"
    folder.mkdir()
    try:
        partial = folder / file.name
        yield partial
        with partial.open("rb+") as opened:  # Windows syncs only what is open for writing
            os.fsync(opened.fileno())
        _replace(partial, file)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_partials(folder: Path, seconds_old: float = 0) -> None:
    """Remove files that killed writers left in `folder`, if they are that old."""
    import shutil

    now = time.time()
    for partial in folder.glob(f"{PARTIAL}*"):
        with suppress(OSError):  # its writer has just finished
            if now - partial.stat().st_mtime >= seconds_old:
                shutil.rmtree(partial, ignore_errors=True)


def sha256(file: Path) -> str:
    """The SHA-256 of the content of `file`, 64 hexadecimal digits."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _replace(partial: Path, file: Path) -> None:
    """Rename `partial` to `file`.

    Windows refuses that while another process has `file` open, as `mnist runs` and virus scanners do for a moment.
    """
    if not WINDOWS:
        partial.replace(file)
        return
    for pause in (*RETRY_PAUSES, None):
        try:
            partial.replace(file)
        except PermissionError as error:
            if pause is None:
                hint = "if another program has this file open, close it there"
                raise PermissionError(error.errno, f"{error.strerror}; {hint}") from error
            time.sleep(pause)
        else:
            return
