"""A picture file -> 28 x 28 pixels like those of the data."""

import io
import logging
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from mnist_pipeline.data.preprocess.files import KINDS, find_files
from mnist_pipeline.data.preprocess.grayscale import grayscale
from mnist_pipeline.data.preprocess.to_mnist import resize_whole, to_mnist
from mnist_pipeline.errors import ImageError
from mnist_pipeline.native_stderr import capture_native_stderr

MAX_PIXELS = 64_000_000
MAX_FILE = 1 << 28
# What libtiff writes of lines of a fax that it could not decode. Pillow then gives the picture without them.
DAMAGE = re.compile(rb"^Fax\w+: .*", re.MULTILINE)
TOO_LARGE = f"this picture is too large; {MAX_PIXELS:,} pixels are the limit"

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
logging.getLogger("PIL").addHandler(logging.NullHandler())  # else Python prints its warnings to stderr


def read_all(names: tuple[str, ...], digits: bool = True) -> tuple[list[tuple[str, NDArray[np.uint8]]], list[str]]:
    """All pictures that `names` stand for as `read` gives them, each with its name, and what is wrong with the others.

    Errors are kept as text: an exception keeps the frames that it came through, and with them the whole picture.
    """
    readable: list[tuple[str, NDArray[np.uint8]]] = []
    problems: list[str] = []
    for name in names:
        for file in find_files(name, problems):
            try:
                readable.append((file, read(file, digits)))
            except ImageError as error:
                problems.append(str(error))
    return readable, problems


def read(name: str, digits: bool = True) -> NDArray[np.uint8]:
    """A picture file, or standard input for `-`, as uint8 (28, 28), light on dark: its digit, or all of it.

    Raises ImageError if it is no picture, too large, or there is nothing on it.
    """
    try:
        brightness = _brightness(_content(name))
        return to_mnist(brightness) if digits else resize_whole(brightness)
    except ImageError as error:
        raise ImageError(f"{name}: {error}") from error


def _brightness(content: bytes) -> NDArray[np.float64]:
    """As `grayscale` gives it. Pillow and its libraries print nothing: what matters is raised as ImageError."""
    try:
        with capture_native_stderr(always=True) as kept, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            brightness = grayscale(_opened(content))
            damage = DAMAGE.search(kept())
    except ImageError:
        raise
    except (Image.DecompressionBombError, MemoryError) as error:
        raise ImageError(TOO_LARGE) from error
    except Exception as error:  # Pillow's readers raise whatever a damaged file leads them into
        raise ImageError(_in_words(error)) from error
    if damage:
        raise ImageError(_in_words(OSError(damage[0].decode())))
    return brightness


def _in_words(error: Exception) -> str:
    from mnist_pipeline.data.preprocess.messages import in_words  # for pictures that cannot be read only

    return in_words(error)


def _opened(content: bytes) -> Image.Image:
    """The picture, not decoded yet. Raises ImageError before a picture that is too large takes any memory."""
    with _forgiving():
        picture = Image.open(io.BytesIO(content), formats=KINDS)
    if picture.width * picture.height > MAX_PIXELS:
        raise ImageError(TOO_LARGE)
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
    """All bytes of a file, or of standard input. Raises ImageError if it cannot be read, or is too large."""
    try:
        if name == "-":
            if sys.stdin is None:
                raise ImageError("standard input is closed")
            content = sys.stdin.buffer.read(MAX_FILE + 1)
        else:
            with Path(name).open("rb") as opened:
                content = opened.read(MAX_FILE + 1)
    except OSError as error:
        raise ImageError(f"cannot read this picture: {error.strerror or error}") from error
    except ValueError as error:
        raise ImageError("cannot read this picture: no file can have this name") from error
    if len(content) > MAX_FILE:
        raise ImageError("this file is larger than 256 MiB")
    return content
