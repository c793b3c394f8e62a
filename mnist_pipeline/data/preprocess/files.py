"""A name -> the picture files that it stands for."""

import os
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

KINDS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "AVIF", "PPM", "JPEG2000")


def find_files(name: str, problems: list[str]) -> Iterator[str]:
    """The pictures that `name` stands for: a file, `-` for standard input, and for a folder those in it and below.

    A file in a folder counts if its ending is that of a picture. What is wrong with folders is added to `problems`.
    """
    if name == "-" or not os.path.isdir(name):  # noqa: PTH112, pathlib's raises for a name that is too long
        yield name
        return
    known, empty = len(problems), True
    for file in _inside(Path(name), problems):
        empty = False
        yield str(file)
    if empty and len(problems) == known:
        problems.append(f"{name}: there is no picture in this folder")


def _inside(folder: Path, problems: list[str]) -> Iterator[Path]:
    """By name, first those in a folder, then those below it; each folder once, so links lead in no circle.

    Left out are hidden files and folders, whose names begin with a dot, and folders elsewhere that a link leads to.
    """
    endings = {ending for ending, kind in Image.registered_extensions().items() if kind in KINDS}
    waiting, seen, named = [folder], set(), os.path.realpath(folder)
    while waiting:
        folder = waiting.pop()
        real = os.path.realpath(folder)
        if real in seen or not Path(real).is_relative_to(named):
            continue
        seen.add(real)
        try:
            entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
        except OSError as error:
            problems.append(f"{folder}: cannot read this folder: {error.strerror}")
            continue
        yield from (entry for entry in entries if entry.suffix.lower() in endings and _may_be_read(entry))
        waiting += [entry for entry in reversed(entries) if os.path.isdir(entry)]  # noqa: PTH112


def _may_be_read(file: Path) -> bool:
    """Whether opening it gives a picture or says why not; a pipe would wait."""
    return os.path.isfile(file) or not os.path.exists(file)  # noqa: PTH110, PTH113, pathlib's raise without permission
