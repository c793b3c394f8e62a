"""Reads image files as 28 x 28 pixels like MNIST's."""

import io
import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from mnist_pipeline import process
from mnist_pipeline.data.preprocess.files import FORMATS, find_files
from mnist_pipeline.data.preprocess.grayscale import grayscale
from mnist_pipeline.data.preprocess.to_mnist import resize_whole, to_mnist
from mnist_pipeline.errors import ImageError
from mnist_pipeline.native_stderr import capture_native_stderr

MAX_PIXELS = 64_000_000
MAX_FILE_BYTES = 1 << 28
# What libtiff writes about lines of a fax that it could not decode. Pillow then returns the image without them.
DAMAGE = re.compile(rb"^Fax\w+: .*", re.MULTILINE)
TOO_LARGE = f"this image is too large; at most {MAX_PIXELS:,} pixels are read. Reduce its size"

if process.is_owned():
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    logging.getLogger("PIL").addHandler(logging.NullHandler())  # otherwise Python prints its warnings to stderr


def read_images(
    names: tuple[str, ...], crop_to_digit: bool = True
) -> tuple[list[tuple[str, NDArray[np.uint8]]], list[str]]:
    """All images that `names` stand for, each with its name; and the errors.

    Images are as `read_image` returns them. Errors are kept as text: an exception keeps the frames that it passed
    through, and with them the whole image.
    """
    images: list[tuple[str, NDArray[np.uint8]]] = []
    errors: list[str] = []
    for name in names:
        for file in find_files(name, errors):
            try:
                images.append((file, read_image(file, crop_to_digit)))
            except ImageError as error:
                errors.append(str(error))
    return images, errors


def read_image(name: str, crop_to_digit: bool = True) -> NDArray[np.uint8]:
    """The digit on an image, or all of it, as uint8 (28, 28), light on dark.

    `name`: a file, or `-` for standard input. Raises ImageError if it cannot be read, is too large, or is empty.
    """
    try:
        brightness = _brightness(_content(name))
        return to_mnist(brightness) if crop_to_digit else resize_whole(brightness)
    except ImageError as error:
        raise ImageError(f"{name}: {error}") from error


def _brightness(content: bytes) -> NDArray[np.float64]:
    """Brightness as `grayscale` returns it.

    Pillow and its libraries print nothing; ImageError is raised instead.
    """
    try:
        with capture_native_stderr(always=True) as stderr, process.ignore_warnings():
            brightness = grayscale(_open(content))
            damage = DAMAGE.search(stderr())
    except ImageError:
        raise
    except (Image.DecompressionBombError, MemoryError) as error:
        raise ImageError(TOO_LARGE) from error
    except Exception as error:  # Pillow's readers raise any exception for a damaged file
        raise ImageError(_explain(error)) from error
    if damage:
        raise ImageError(_explain(OSError(damage[0].decode())))
    return brightness


def _explain(error: Exception) -> str:
    from mnist_pipeline.data.preprocess.messages import explain  # needed only for images that cannot be read

    return explain(error)


def _open(content: bytes) -> Image.Image:
    """The image, not decoded yet.

    Raises ImageError before an image that is too large takes any memory.
    """
    with _truncated_metadata_allowed():
        image = Image.open(io.BytesIO(content), formats=FORMATS)
    if image.width * image.height > MAX_PIXELS:
        raise ImageError(TOO_LARGE)
    return image


@contextmanager
def _truncated_metadata_allowed() -> Iterator[None]:
    """Let Pillow skip damaged metadata; pixels are not decoded inside."""
    with process.SETTINGS_LOCK:
        before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, True
        try:
            yield
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = before


def _content(name: str) -> bytes:
    """All bytes of a file, or of standard input.

    Raises ImageError if it cannot be read, or is too large.
    """
    try:
        if name == "-":
            if sys.stdin is None:
                raise ImageError("standard input is closed")
            content = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
        else:
            with Path(name).open("rb") as file:
                content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ImageError(f"cannot read this image: {error.strerror or error}") from error
    except ValueError as error:
        raise ImageError("cannot read this image: no file can have this name") from error
    if len(content) > MAX_FILE_BYTES:
        raise ImageError("this file is larger than 256 MiB. Reduce the size of the image")
    return content
