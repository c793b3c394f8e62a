"""Brightness of an image -> 28 x 28 pixels, light on dark.

Either a digit by MNIST's recipe, or the whole image. MNIST's recipe: the digit is fitted into 20 x 20 pixels, keeping
its proportions, with anti-aliasing, and placed in 28 x 28 by its center of mass (LeCun, Bottou, Bengio and Haffner
1998, "Gradient-based learning applied to document recognition", section III.A).
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mnist_pipeline.data.images import SIZE
from mnist_pipeline.data.preprocess.crop import Brightness, background, crop_to_digit
from mnist_pipeline.errors import ImageError

DIGIT_SIZE = 20
CENTER = 14  # the pixel, counted from 0, where the center of mass of MNIST's own images lies
MIN_CONTRAST = 24  # gray levels between background and ink, of 255

Pixels = NDArray[np.uint8]


def to_mnist(brightness: Brightness) -> Pixels:
    """The digit in an image of any size by MNIST's recipe, uint8 (28, 28).

    It is light on dark. `brightness`: (height, width), 0–255. An image that is 28 x 28 and light on dark is returned as
    it is. Raises ImageError if the image is empty.
    """
    background_level = background(brightness)
    ink = brightness - background_level
    light_on_dark = ink.max() > -ink.min()
    ink = np.maximum(ink if light_on_dark else -ink, 0)
    _check_contrast(ink.max())
    if brightness.shape == (SIZE, SIZE) and light_on_dark and background_level < 128:
        return np.rint(brightness).astype(np.uint8)
    return _center(_fit(crop_to_digit(ink / ink.max())))


def resize_whole(brightness: Brightness) -> Pixels:
    """The whole of an image of any size, uint8 (28, 28), light on dark.

    Its proportions are kept. For classes that are not digits: a shoe is more than its outline. Raises ImageError if the
    image is empty.
    """
    _check_contrast(float(np.ptp(brightness)))
    background_level = background(brightness)
    if background_level >= 128:
        brightness, background_level = 255 - brightness, 255 - background_level
    fitted = _resize(brightness, SIZE)
    canvas = np.full((SIZE, SIZE), background_level)
    top, left = ((SIZE - length) // 2 for length in fitted.shape)
    canvas[top : top + fitted.shape[0], left : left + fitted.shape[1]] = fitted
    return np.rint(np.clip(canvas, 0, 255)).astype(np.uint8)


def _check_contrast(contrast: float) -> None:
    if contrast < MIN_CONTRAST:
        raise ImageError(
            f"this image is empty: its contrast is {int(contrast)} of 255, expected {MIN_CONTRAST} or more. "
            "Use an image with more contrast"
        )


def _resize(values: Brightness, longer_side: int) -> Brightness:
    height, width = values.shape
    scale = longer_side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = Image.fromarray(values.astype(np.float32)).resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)
    return np.asarray(small, dtype=np.float64)


def _fit(digit: Brightness) -> Brightness:
    """The digit with its longer side 20 pixels long, 0–1."""
    pixels = np.clip(_resize(digit, DIGIT_SIZE), 0, None)
    return pixels / pixels.max()


def _center(digit: Brightness) -> Pixels:
    """The digit in 28 x 28, its center of mass at CENTER, as far as the frame allows."""
    canvas = np.zeros((SIZE, SIZE))
    corner = []
    for axis, length in enumerate(digit.shape):
        mass = digit.sum(axis=1 - axis)
        center = (mass * np.arange(length)).sum() / mass.sum()
        corner.append(min(max(round(CENTER - center), 0), SIZE - length))
    canvas[corner[0] : corner[0] + digit.shape[0], corner[1] : corner[1] + digit.shape[1]] = digit
    return np.rint(canvas * 255).astype(np.uint8)
