"""A picture file -> 28 x 28 pixels like those of the data."""

import io
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from mnist_pipeline.data.preprocess.gray import gray
from mnist_pipeline.data.preprocess.recipe import fit_digit
from mnist_pipeline.data.preprocess.wording import in_words
from mnist_pipeline.errors import PictureError
from mnist_pipeline.quiet import silent

MAX_PIXELS = 64_000_000
MAX_FILE = 1 << 28

KINDS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "AVIF", "PPM", "JPEG2000")
TOO_LARGE = f"this picture is too large; {MAX_PIXELS:,} pixels are the limit"

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
logging.getLogger("PIL").addHandler(logging.NullHandler())  # else Python prints its warnings to stderr


def find(names: tuple[str, ...]) -> Iterator[str]:
    """The pictures that `names` stand for: files, `-` for standard input, and for a folder the pictures in it.

    A file in a folder counts if its ending is that of a picture. Raises PictureError for a folder without any.
    """
    for name in names:
        if name == "-" or not os.path.isdir(name):  # noqa: PTH112, pathlib's raises for a name that is too long
            yield name
            continue
        endings = {ending for ending, kind in Image.registered_extensions().items() if kind in KINDS}
        inside = sorted(file for file in Path(name).iterdir() if file.suffix.lower() in endings and file.is_file())
        if not inside:
            raise PictureError(f"{name}: there is no picture in this folder")
        yield from map(str, inside)


def read_all(names: tuple[str, ...]) -> tuple[dict[str, NDArray[np.uint8]], list[str]]:
    """The digits in all pictures that `names` stand for, by name, and what is wrong with those that cannot be read.

    Errors are kept as text: an exception keeps the frames that it came through, and with them the whole picture.
    """
    readable: dict[str, NDArray[np.uint8]] = {}
    unreadable: list[str] = []
    for name in names:
        try:
            found = list(find((name,)))
        except PictureError as error:
            found = []
            unreadable.append(str(error))
        for each in found:
            try:
                readable[each] = read(each)
            except PictureError as error:
                unreadable.append(str(error))
    return readable, unreadable


def read(name: str) -> NDArray[np.uint8]:
    """The digit in a picture file, or standard input for `-`, as uint8 (28, 28), light on dark.

    Raises PictureError if it is no picture, too large, or there is nothing on it.
    """
    try:
        return fit_digit(_brightness(_content(name)))
    except PictureError as error:
        raise PictureError(f"{name}: {error}") from error


def _brightness(content: bytes) -> NDArray[np.float64]:
    """As `gray` gives it. Pillow and its libraries say nothing themselves: what matters is raised as PictureError."""
    try:
        with silent(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return gray(_opened(content))
    except PictureError:
        raise
    except (Image.DecompressionBombError, MemoryError) as error:
        raise PictureError(TOO_LARGE) from error
    except Exception as error:  # Pillow's readers raise whatever a damaged file leads them into
        raise PictureError(in_words(error)) from error


def _opened(content: bytes) -> Image.Image:
    """The picture, not decoded yet. Raises PictureError before a picture that is too large takes any memory."""
    with _forgiving():
        picture = Image.open(io.BytesIO(content), formats=KINDS)
    if picture.width * picture.height > MAX_PIXELS:
        raise PictureError(TOO_LARGE)
    return picture


@contextmanager
def _forgiving() -> Iterator[None]:
    """Let Pillow leave out parts of a file that it can do without: until pixels are decoded, these are metadata."""
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False


def _content(name: str) -> bytes:
    """All bytes of a file, or of standard input. Raises PictureError if it cannot be read, or is too large."""
    try:
        if name == "-":
            if sys.stdin is None:
                raise PictureError("standard input is closed")
            content = sys.stdin.buffer.read(MAX_FILE + 1)
        else:
            with Path(name).open("rb") as opened:
                content = opened.read(MAX_FILE + 1)
    except OSError as error:
        raise PictureError(f"cannot read this picture: {error.strerror or error}") from error
    except ValueError as error:
        raise PictureError("cannot read this picture: no file can have this name") from error
    if len(content) > MAX_FILE:
        raise PictureError("this file is larger than 256 MiB")
    return content
