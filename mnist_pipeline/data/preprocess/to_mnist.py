"""The brightness of a picture -> 28 x 28 pixels, light on dark: by MNIST's recipe, or as a whole.

MNIST's recipe: the digit is fitted into 20 x 20 pixels, keeping its proportions, with anti-aliasing, and placed in
28 x 28 by its center of mass (LeCun, Bottou, Bengio and Haffner 1998, "Gradient-based learning applied to document
recognition", section III.A).
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mnist_pipeline.data.images import SIZE
from mnist_pipeline.errors import ImageError

DIGIT_SIZE = 20
CENTER = 14  # the pixel, counted from 0, where the center of mass of MNIST's own images lies
INK = 0.25  # of the strongest contrast; weaker marks are paper, shadow or compression
MIN_CONTRAST = 24  # gray levels between background and ink, of 255

Brightness = NDArray[np.float64]
Pixels = NDArray[np.uint8]


def to_mnist(brightness: Brightness) -> Pixels:
    """The digit in a picture of any size, uint8 (28, 28), light on dark, by MNIST's recipe.

    A picture that is 28 x 28 and light on dark already is taken as it is. Raises ImageError if it is empty.
    """
    background = _background(brightness)
    ink = brightness - background
    light_on_dark = ink.max() > -ink.min()
    ink = np.maximum(ink if light_on_dark else -ink, 0)
    _check_contrast(ink.max())
    if brightness.shape == (SIZE, SIZE) and light_on_dark and background < 128:
        return np.rint(brightness).astype(np.uint8)
    return _centered(_fitted(_cropped(ink / ink.max())))


def resize_whole(brightness: Brightness) -> Pixels:
    """The whole of a picture of any size, uint8 (28, 28), light on dark, its proportions kept.

    For classes that are not digits: what a shoe looks like is not in its outline alone. Raises ImageError if it is
    empty.
    """
    _check_contrast(float(np.ptp(brightness)))
    background = _background(brightness)
    if background >= 128:
        brightness, background = 255 - brightness, 255 - background
    fitted = _resized(brightness, SIZE)
    canvas = np.full((SIZE, SIZE), background)
    top, left = ((SIZE - length) // 2 for length in fitted.shape)
    canvas[top : top + fitted.shape[0], left : left + fitted.shape[1]] = fitted
    return np.rint(np.clip(canvas, 0, 255)).astype(np.uint8)


def _check_contrast(contrast: float) -> None:
    if contrast < MIN_CONTRAST:
        raise ImageError("there is nothing on this picture that stands out from its background")


def _background(brightness: Brightness) -> float:
    """What is usual along the edge."""
    edge = np.concatenate([brightness[0], brightness[-1], brightness[:, 0], brightness[:, -1]])
    return float(np.sort(edge)[edge.size // 2])  # np.median would import numpy.ma, which takes longer than the rest


def _cropped(ink: Brightness) -> Brightness:
    rows, columns = (np.flatnonzero((ink >= INK).any(axis=axis)) for axis in (1, 0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _resized(values: Brightness, longer_side: int) -> Brightness:
    height, width = values.shape
    scale = longer_side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = Image.fromarray(values.astype(np.float32)).resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)
    return np.asarray(small, dtype=np.float64)


def _fitted(digit: Brightness) -> Brightness:
    """The digit with its longer side 20 pixels long, 0 - 1."""
    pixels = np.clip(_resized(digit, DIGIT_SIZE), 0, None)
    return pixels / pixels.max()


def _centered(digit: Brightness) -> Pixels:
    """The digit in 28 x 28, its center of mass at the center, as far as the frame allows."""
    canvas = np.zeros((SIZE, SIZE))
    corner = []
    for axis, length in enumerate(digit.shape):
        mass = digit.sum(axis=1 - axis)
        center = (mass * np.arange(length)).sum() / mass.sum()
        corner.append(min(max(round(CENTER - center), 0), SIZE - length))
    canvas[corner[0] : corner[0] + digit.shape[0], corner[1] : corner[1] + digit.shape[1]] = digit
    return np.rint(canvas * 255).astype(np.uint8)
