"""An image of any mode -> its brightness."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

PREMULTIPLIED = {"La": "LA", "RGBa": "RGBA"}  # modes that Pillow converts to no other
MAX_SIDE = 1000  # pixels; enough to find and read one digit


def grayscale(image: Image.Image) -> NDArray[np.float64]:
    """Brightness of an image of any mode: (height, width), 0 black to 255 white.

    Of several frames, the first is used. Transparent pixels become background: white under dark ink, black under light
    ink.
    """
    image.load()
    _turn_upright(image)
    factor = max(1, max(image.size) // MAX_SIDE)
    if image.mode.startswith("I") or image.mode == "F":  # its pixels are numbers of more than 8 bits
        from mnist_pipeline.data.preprocess.bit_depth import scale_to_8bit

        return scale_to_8bit(image, factor)
    image = downscale(image, factor)
    if image.has_transparency_data:
        return _on_background(image)
    return np.asarray(image.convert("L"), dtype=np.float64)


def downscale(image: Image.Image, factor: int) -> Image.Image:
    """`image` with each `factor` x `factor` pixels replaced by their mean."""
    if factor == 1:
        return image
    if image.mode in ("P", "PA", "1"):  # indices of colors have no mean
        image = image.convert("RGBA" if image.has_transparency_data else "L")
    return image.reduce(factor)


def _on_background(image: Image.Image) -> NDArray[np.float64]:
    """Brightness of an image with transparent pixels."""
    if image.mode in PREMULTIPLIED:
        image = image.convert(PREMULTIPLIED[image.mode])
    layers = np.asarray(image.convert("RGBA").convert("LA"), dtype=np.float64)
    ink, opacity = layers[..., 0], layers[..., 1] / 255
    covered = opacity.sum()
    background = 255.0 if covered == 0 or (ink * opacity).sum() / covered < 128 else 0.0
    return ink * opacity + background * (1 - opacity)


def _turn_upright(image: Image.Image) -> None:
    """As the camera recorded; unchanged if that cannot be read."""
    try:
        ImageOps.exif_transpose(image, in_place=True)
    except MemoryError:
        raise
    except Exception:  # noqa: S110, readers of EXIF and XMP raise any exception for damaged metadata
        pass
