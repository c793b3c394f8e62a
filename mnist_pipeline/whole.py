"""Files that are whole or absent, whatever happens while they are written."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(file: Path) -> Iterator[Path]:
    """A path to write to that becomes `file` when it is complete and on the disk, and is gone if it never is.

    Raises OSError where it cannot be written; then `file` is as it was.
    """
    with tempfile.TemporaryDirectory(prefix=".partial-", dir=file.parent, ignore_cleanup_errors=True) as folder:
        partial = Path(folder, file.name)
        yield partial
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.replace(file)


def sha256(file: Path) -> str:
    """The SHA-256 of the content of `file`, 64 hexadecimal digits."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
