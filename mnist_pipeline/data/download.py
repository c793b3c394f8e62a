"""Downloads a file, checks its SHA-256, and moves it into place."""

import hashlib
import http.client
import os
import urllib.request
from pathlib import Path
from typing import IO

from rich.console import Console
from rich.progress import Progress

from mnist_pipeline.errors import DataError
from mnist_pipeline.files import atomic_write

TIMEOUT_SECONDS = 20
MAX_FILE_BYTES = 1 << 28


def download(url: str, target: Path, sha256: str) -> None:
    """Download `url` to `target`, whose folder is created. `sha256`: that of the file.

    Raises DataError if it cannot be downloaded or written, or has another hash; then `target` stays as it was.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(target) as partial:
            with partial.open("xb") as file:
                digest = _fetch(url, file)
            if digest != sha256:
                raise DataError(f"{url}: expected SHA-256 {sha256}, received {digest}")
    except OSError as error:
        raise DataError(f"cannot write {target}: {error.strerror}") from error


def _fetch(url: str, file: IO[bytes]) -> str:
    try:
        return _copy(url, file)
    except (OSError, ValueError, http.client.HTTPException) as error:  # time-outs and refusals are OSErrors
        raise DataError(f"cannot download {url}: {getattr(error, 'reason', None) or repr(error)}") from error


def _copy(url: str, file: IO[bytes]) -> str:
    """Write what `url` sends to `file`; its SHA-256."""
    digest = hashlib.sha256()
    request = urllib.request.Request(url, headers={"User-Agent": "mnist-pipeline"})  # noqa: S310, ours, https
    with (
        urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response,  # noqa: S310
        Progress(console=Console(stderr=True), disable=not os.isatty(2), transient=True) as progress,
    ):
        size = int(response.headers.get("Content-Length") or 0) or None
        task = progress.add_task(f"downloading {url.rpartition('/')[2]}", total=size)
        received = 0
        while block := response.read(1 << 16):
            received += len(block)
            if received > MAX_FILE_BYTES:
                raise ValueError(f"more than {MAX_FILE_BYTES:,} bytes received")
            digest.update(block)
            file.write(block)
            progress.advance(task, len(block))
    return digest.hexdigest()
