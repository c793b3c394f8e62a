"""Names that a user writes -> image files."""

import os
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "AVIF", "PPM", "JPEG2000")


def find_files(name: str, errors: list[str]) -> Iterator[str]:
    """The image files that `name` stands for.

    A file, `-` for standard input, or all image files in a folder and below it, by their suffix. Errors in reading
    folders are appended to `errors`.
    """
    if name == "-" or not os.path.isdir(name):  # noqa: PTH112, pathlib's raises for a name that is too long
        yield name
        return
    errors_before, empty = len(errors), True
    for file in _inside(Path(name), errors):
        empty = False
        yield str(file)
    if empty and len(errors) == errors_before:
        errors.append(f"{name}: there is no image in this folder")


def _inside(folder: Path, errors: list[str]) -> Iterator[Path]:
    """The image files in a folder, by name, then those below it.

    Each folder is read once, so that links lead in no circle. Left out are hidden files and folders, whose names begin
    with a dot, and folders elsewhere that a link leads to.
    """
    suffixes = {suffix for suffix, name in Image.registered_extensions().items() if name in FORMATS}
    waiting, seen, top = [folder], set(), os.path.realpath(folder)
    while waiting:
        folder = waiting.pop()
        real = os.path.realpath(folder)
        if real in seen or not Path(real).is_relative_to(top):
            continue
        seen.add(real)
        try:
            entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
        except OSError as error:
            errors.append(f"{folder}: cannot read this folder: {error.strerror}")
            continue
        yield from (entry for entry in entries if entry.suffix.lower() in suffixes and _may_be_read(entry))
        waiting += [entry for entry in reversed(entries) if os.path.isdir(entry)]  # noqa: PTH112


def _may_be_read(file: Path) -> bool:
    """Whether opening it gives an image or an error; a pipe would wait."""
    return os.path.isfile(file) or not os.path.exists(file)  # noqa: PTH110, PTH113, pathlib's raise without permission
