"""A picture of any mode -> its brightness."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from mnist_pipeline.errors import PictureError

ENOUGH_PIXELS = 1000  # on the longer side of a picture, to find and read one digit


def gray(picture: Image.Image) -> NDArray[np.float64]:
    """The brightness of a picture of any mode as (height, width), 0 black to 255 white; the first frame of several.

    What is transparent becomes background: white under dark ink, black under light ink.
    """
    picture = _downscaled(ImageOps.exif_transpose(picture))
    if picture.mode.startswith("I") or picture.mode == "F":
        return _deep(np.asarray(picture, dtype=np.float64), picture.mode)
    if picture.has_transparency_data:
        layers = np.asarray(picture.convert("RGBA").convert("LA"), dtype=np.float64)
        ink, opacity = layers[..., 0], layers[..., 1] / 255
        covered = opacity.sum()
        background = 255.0 if covered == 0 or (ink * opacity).sum() / covered < 128 else 0.0
        return ink * opacity + background * (1 - opacity)
    return np.asarray(picture.convert("L"), dtype=np.float64)


def _deep(values: NDArray[np.float64], mode: str) -> NDArray[np.float64]:
    """16-bit and floating-point pixels, 0 - 65535 or 0 - 1, on the scale of 0 - 255."""
    if not np.isfinite(values).all():
        raise PictureError("this picture holds numbers that are no brightness")
    white = 65535.0 if mode.startswith("I") else max(1.0, float(values.max(initial=0)))
    return np.clip(values / white, 0, 1) * 255


def _downscaled(picture: Image.Image) -> Image.Image:
    """A very large picture with fewer pixels, each the mean of many: less grain, less memory, and enough is left."""
    factor = max(picture.size) // ENOUGH_PIXELS
    if factor < 2:
        return picture
    if picture.mode.startswith("I"):
        return picture.convert("I").reduce(factor)
    if picture.mode in ("P", "PA", "1"):  # numbers of colors have no mean
        picture = picture.convert("RGBA" if picture.has_transparency_data else "L")
    return picture.reduce(factor)
