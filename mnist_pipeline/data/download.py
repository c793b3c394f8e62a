"""Fetches a file once, checks it, and puts it in its place whole."""

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
    """Put the file at `url` at `target`, making its folder. `sha256`: what the file has to hash to.

    Raises DataError if it cannot be fetched, written, or is another file; then `target` is as it was.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(target) as partial:
            with partial.open("xb") as part:
                digest = _attempt(url, part)
            if digest != sha256:
                raise DataError(f"{url} is not the file it was: SHA-256 {digest}, expected {sha256}")
    except OSError as error:
        raise DataError(f"cannot write {target}: {error.strerror}") from error


def _attempt(url: str, into: IO[bytes]) -> str:
    try:
        return _fetch(url, into)
    except (OSError, ValueError, http.client.HTTPException) as error:  # time-outs and refusals are OSErrors
        raise DataError(f"cannot download {url}: {getattr(error, 'reason', None) or repr(error)}") from error


def _fetch(url: str, into: IO[bytes]) -> str:
    """The SHA-256 of what was written."""
    digest = hashlib.sha256()
    request = urllib.request.Request(url, headers={"User-Agent": "mnist-pipeline"})  # noqa: S310, ours, https
    with (
        urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer,  # noqa: S310
        Progress(console=Console(stderr=True), disable=not os.isatty(2), transient=True) as progress,
    ):
        size = int(answer.headers.get("Content-Length") or 0) or None
        task = progress.add_task(f"downloading {url.rpartition('/')[2]}", total=size)
        received = 0
        while block := answer.read(1 << 16):
            received += len(block)
            if received > MAX_FILE_BYTES:
                raise ValueError("far more than expected came")
            digest.update(block)
            into.write(block)
            progress.advance(task, len(block))
    return digest.hexdigest()
