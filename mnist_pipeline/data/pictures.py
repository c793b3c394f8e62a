"""Anyone's picture of a digit -> 28 x 28 pixels like MNIST's own.

MNIST's recipe: the digit is fitted into 20 x 20 pixels, keeping its proportions, with anti-aliasing, and placed in
28 x 28 by its centre of mass (LeCun, Bottou, Bengio and Haffner 1998, "Gradient-based learning applied to document
recognition", section III.A).
"""

import io
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from mnist_pipeline.data.images import SIZE
from mnist_pipeline.errors import PictureError

DIGIT_SIZE = 20
CENTRE = 14  # the pixel, counted from 0, where the centre of mass of MNIST's own images lies
INK = 0.25  # of the strongest contrast; weaker marks are paper, shadow or compression
ENOUGH_PIXELS = 1000  # on the longer side of a picture, to find and read one digit
FAINTEST = 24  # grey levels between paper and ink, of 255
LARGEST_PICTURE = 64_000_000  # pixels
LARGEST_FILE = 1 << 28

KINDS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "AVIF", "PPM", "JPEG2000")
TOO_LARGE = f"this picture is too large; {LARGEST_PICTURE:,} pixels are the limit"

Image.MAX_IMAGE_PIXELS = LARGEST_PICTURE


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


def read_all(names: tuple[str, ...]) -> tuple[dict[str, NDArray[np.uint8]], list[PictureError]]:
    """The digits in all pictures that `names` stand for, by name, and what is wrong with those that cannot be read."""
    readable: dict[str, NDArray[np.uint8]] = {}
    unreadable: list[PictureError] = []
    for name in names:
        try:
            found = list(find((name,)))
        except PictureError as error:
            found = []
            unreadable.append(error)
        for each in found:
            try:
                readable[each] = read(each)
            except PictureError as error:
                unreadable.append(error)
    return readable, unreadable


def read(name: str) -> NDArray[np.uint8]:
    """The digit in a picture file, or standard input for `-`, as uint8 (28, 28), light on dark.

    A picture that is 28 x 28 and light on dark already is taken as it is. Raises PictureError if it is no picture,
    too large, or there is nothing on it.
    """
    try:
        return prepare(grey(_opened(_content(name))))
    except PictureError as error:
        raise PictureError(f"{name}: {error}") from error
    except UnidentifiedImageError as error:
        raise PictureError(f"{name}: this is not a picture that can be read (PNG, JPEG and the like)") from error
    except (Image.DecompressionBombError, MemoryError) as error:
        raise PictureError(f"{name}: {TOO_LARGE}") from error
    except Exception as error:  # Pillow's readers raise whatever a damaged file leads them into
        raise PictureError(f"{name}: cannot read this picture: {getattr(error, 'strerror', None) or error}") from error


def grey(picture: Image.Image) -> NDArray[np.float64]:
    """The brightness of a picture of any mode as (height, width), 0 black to 255 white; the first frame of several.

    What is transparent becomes paper: white under dark ink, black under light ink.
    """
    picture = _coarse(ImageOps.exif_transpose(picture))
    if picture.mode.startswith("I") or picture.mode == "F":
        return _deep(np.asarray(picture, dtype=np.float64), picture.mode)
    if picture.has_transparency_data:
        layers = np.asarray(picture.convert("RGBA").convert("LA"), dtype=np.float64)
        ink, opacity = layers[..., 0], layers[..., 1] / 255
        covered = opacity.sum()
        paper = 255.0 if covered == 0 or (ink * opacity).sum() / covered < 128 else 0.0
        return ink * opacity + paper * (1 - opacity)
    return np.asarray(picture.convert("L"), dtype=np.float64)


def prepare(brightness: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The digit in a picture of any size, uint8 (28, 28), light on dark, by MNIST's recipe.

    Raises PictureError if there is nothing on it.
    """
    paper = _paper(brightness)
    ink = brightness - paper
    light_on_dark = ink.max() > -ink.min()
    ink = np.maximum(ink if light_on_dark else -ink, 0)
    if ink.max() < FAINTEST:
        raise PictureError("there is nothing on this picture that stands out from its background")
    if brightness.shape == (SIZE, SIZE) and light_on_dark and paper < 128:
        return np.rint(brightness).astype(np.uint8)
    return _centred(_fitted(_cut_out(ink / ink.max())))


def _opened(content: bytes) -> Image.Image:
    """The picture, not decoded yet. Raises PictureError before a picture that is too large takes any memory."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        picture = Image.open(io.BytesIO(content), formats=KINDS)
    if picture.width * picture.height > LARGEST_PICTURE:
        raise PictureError(TOO_LARGE)
    return picture


def _content(name: str) -> bytes:
    if name == "-":
        content = sys.stdin.buffer.read(LARGEST_FILE + 1)
    else:
        with Path(name).open("rb") as opened:
            content = opened.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise PictureError("this file is larger than 256 MiB")
    return content


def _deep(values: NDArray[np.float64], mode: str) -> NDArray[np.float64]:
    """16-bit and floating-point pixels, 0 - 65535 or 0 - 1, on the scale of 0 - 255."""
    if not np.isfinite(values).all():
        raise PictureError("this picture holds numbers that are no brightness")
    white = 65535.0 if mode.startswith("I") else max(1.0, float(values.max(initial=0)))
    return np.clip(values / white, 0, 1) * 255


def _coarse(picture: Image.Image) -> Image.Image:
    """A very large picture with fewer pixels, each the mean of many: less grain, less memory, and enough is left."""
    factor = max(picture.size) // ENOUGH_PIXELS
    if factor < 2:
        return picture
    if picture.mode.startswith("I"):
        return picture.convert("I").reduce(factor)
    if picture.mode in ("P", "PA", "1"):  # numbers of colours have no mean
        picture = picture.convert("RGBA" if picture.has_transparency_data else "L")
    return picture.reduce(factor)


def _paper(brightness: NDArray[np.float64]) -> float:
    """The brightness of the background: what is usual along the edge."""
    edge = np.concatenate([brightness[0], brightness[-1], brightness[:, 0], brightness[:, -1]])
    return float(np.sort(edge)[edge.size // 2])  # np.median would import numpy.ma, which takes longer than the rest


def _cut_out(ink: NDArray[np.float64]) -> NDArray[np.float64]:
    rows, columns = (np.flatnonzero((ink >= INK).any(axis=axis)) for axis in (1, 0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _fitted(digit: NDArray[np.float64]) -> NDArray[np.float64]:
    """The digit with its longer side 20 pixels long."""
    height, width = digit.shape
    scale = DIGIT_SIZE / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = Image.fromarray(digit.astype(np.float32)).resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)
    pixels = np.clip(np.asarray(small, dtype=np.float64), 0, None)
    return pixels / pixels.max()


def _centred(digit: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The digit in 28 x 28, its centre of mass at the centre, as far as the frame allows."""
    field = np.zeros((SIZE, SIZE))
    corner = []
    for axis, length in enumerate(digit.shape):
        mass = digit.sum(axis=1 - axis)
        centre = (mass * np.arange(length)).sum() / mass.sum()
        corner.append(min(max(round(CENTRE - centre), 0), SIZE - length))
    field[corner[0] : corner[0] + digit.shape[0], corner[1] : corner[1] + digit.shape[1]] = digit
    return np.rint(field * 255).astype(np.uint8)
