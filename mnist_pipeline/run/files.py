"""The files of a run folder: names, atomic writes, SHA-256; no link is followed."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mnist_pipeline.errors import RunError
from mnist_pipeline.files import atomic_write, sha256

RECORD, CONFIG, CHECKPOINT = "run.json", "config.yaml", "checkpoint.npz"
MODEL, TFLITE = "model.keras", "model.tflite"
HISTORY, METRICS = "history.csv", "metrics.json"
LOCK = ".lock"

MAX_TEXT_BYTES = 2**26
COPY_OR_TRAIN = "Copy the run again, or train a new one"  # what to do about a damaged file


def own_file(folder: Path, name: str) -> Path | None:
    """The file `name` in `folder`; None if there is none.

    Raises RunError for a link, which may lead out of the folder.
    """
    file = folder / name
    if os.path.islink(file):  # noqa: PTH114, pathlib's raises for a name that is too long
        raise RunError(f"{file} is a link. A run uses only files in its own folder: put the file itself there")
    return file if file.name == name and os.path.isfile(file) else None  # noqa: PTH113


def write_file(file: Path, save: Callable[[Path], object]) -> None:
    """Write `file` atomically: `save` writes to the temporary path. Raises RunError."""
    try:
        with atomic_write(file) as partial:
            save(partial)
    except OSError as error:
        raise RunError(f"{file}: cannot write this file: {error.strerror or error}") from error


def remove_file(file: Path) -> None:
    """Remove `file` if it exists. Raises RunError."""
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise RunError(f"{file}: cannot remove this file: {error.strerror}") from error


def read_text(file: Path) -> str:
    """The text of `file`.

    Raises RunError if it cannot be read or is larger than `MAX_TEXT_BYTES`, ValueError if it is not UTF-8.
    """
    with _readable(file), file.open("rb") as opened:
        content = opened.read(MAX_TEXT_BYTES + 1)
    if len(content) > MAX_TEXT_BYTES:
        raise RunError(f"{file}: larger than 64 MiB, which no run writes. {COPY_OR_TRAIN}")
    return content.decode()


def file_sha256(file: Path) -> str:
    """The SHA-256 of `file`. Raises RunError if it cannot be read."""
    with _readable(file):
        return sha256(file)


def hash_files(folder: Path, without: Iterable[str]) -> dict[str, str]:
    """The SHA-256 of each file in `folder` except `without`. Raises RunError."""
    with _readable(folder, "folder"):
        files = sorted(file for file in folder.iterdir() if file.is_file() and file.name not in without)
    return {file.name: file_sha256(file) for file in files}


def file_names(folder: Path) -> list[str]:
    """Names of the files in a run folder, links included, sorted. Raises RunError."""
    with _readable(folder, "folder"):
        return sorted(file.name for file in folder.iterdir() if file.is_symlink() or file.is_file())


@contextmanager
def _readable(path: Path, kind: str = "file") -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RunError(f"{path}: cannot read this {kind}: {error.strerror}") from error
