"""A picture of any mode -> its brightness."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

PREMULTIPLIED = {"La": "LA", "RGBa": "RGBA"}  # modes that Pillow turns into no other
ENOUGH_PIXELS = 1000  # on the longer side of a picture, to find and read one digit


def grayscale(picture: Image.Image) -> NDArray[np.float64]:
    """The brightness of a picture of any mode as (height, width), 0 black to 255 white; the first frame of several.

    What is transparent becomes background: white under dark ink, black under light ink.
    """
    picture.load()
    _turn_upright(picture)
    factor = max(1, max(picture.size) // ENOUGH_PIXELS)
    if picture.mode.startswith("I") or picture.mode == "F":  # its pixels are numbers of more than 8 bits
        from mnist_pipeline.data.preprocess import bit_depth

        return bit_depth.brightness(picture, factor)
    picture = _downscaled(picture, factor)
    if picture.has_transparency_data:
        if picture.mode in PREMULTIPLIED:
            picture = picture.convert(PREMULTIPLIED[picture.mode])
        layers = np.asarray(picture.convert("RGBA").convert("LA"), dtype=np.float64)
        ink, opacity = layers[..., 0], layers[..., 1] / 255
        covered = opacity.sum()
        background = 255.0 if covered == 0 or (ink * opacity).sum() / covered < 128 else 0.0
        return ink * opacity + background * (1 - opacity)
    return np.asarray(picture.convert("L"), dtype=np.float64)


def _turn_upright(picture: Image.Image) -> None:
    """As its camera says; as it is where what the camera wrote cannot be read."""
    try:
        ImageOps.exif_transpose(picture, in_place=True)
    except MemoryError:
        raise
    except Exception:  # noqa: S110, readers of EXIF and XMP raise whatever damaged metadata lead them into
        pass


def _downscaled(picture: Image.Image, factor: int) -> Image.Image:
    """A very large picture with fewer pixels, each the mean of many: less grain, less memory, and enough is left."""
    if factor == 1:
        return picture
    if picture.mode in ("P", "PA", "1"):  # numbers of colors have no mean
        picture = picture.convert("RGBA" if picture.has_transparency_data else "L")
    return picture.reduce(factor)
