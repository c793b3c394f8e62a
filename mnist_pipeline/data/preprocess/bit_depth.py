"""Images of more than 8 bits -> brightness from 0 to 255.

Few files state which number is white, and many use a small part of what their bits hold, so white is inferred from the
pixels.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mnist_pipeline.errors import ImageError

# Tags of TIFF 6.0
BITS_PER_SAMPLE, PHOTOMETRIC, SAMPLE_FORMAT, MIN_SAMPLE_VALUE, MAX_SAMPLE_VALUE = 258, 262, 339, 340, 341
MIN_IS_WHITE = 0
UNSIGNED = 1
FLOAT_WHITES = (1.0, 255.0, 65535.0)

Values = NDArray[np.float64]


def scale_to_8bit(image: Image.Image, factor: int) -> Values:
    """Brightness, 0–255, of an image of 16 or 32 bits or of floats.

    Each value is the mean of `factor` x `factor` pixels. Raises ImageError for pixels that are not finite.
    """
    values = np.concatenate(list(_means(image, factor)))
    if not np.isfinite(values).all():
        raise ImageError("this image has pixels that are not finite (nan or infinity)")
    black, white = _tagged_range(image, values) or _range(values, image.mode)
    gray = np.clip((values - black) / (white - black), 0, 1) * 255
    return 255 - gray if _tags(image).get(PHOTOMETRIC) == MIN_IS_WHITE else gray


def _means(image: Image.Image, factor: int) -> Iterator[Values]:
    """Row by row, because all values at once would take eight bytes a pixel."""
    tags = _tags(image)
    unsigned = tags.get(SAMPLE_FORMAT, (UNSIGNED,)) == (UNSIGNED,)
    wraps = image.mode == "I" and tags.get(BITS_PER_SAMPLE) == (32,) and unsigned  # Pillow reads them as signed
    starts = np.arange(0, image.width, factor)
    for top in range(0, image.height, factor):
        pixels = np.asarray(image.crop((0, top, image.width, min(top + factor, image.height))))
        sums = np.add.reduceat(pixels.view(np.uint32) if wraps else pixels, starts, axis=1, dtype=np.float64)
        yield sums.mean(axis=0, keepdims=True) / np.diff(starts, append=image.width)


def _range(values: Values, mode: str) -> tuple[float, float]:
    """Black and white of an image without tags that state them.

    Black is 0, or the least value where that is negative; white is the largest of as many bits as are used. Integers
    use 8 bits at least: fewer are the grain of a sensor on an empty page.
    """
    black = min(0.0, float(values.min()))
    top = float(values.max()) - black
    if mode != "F":
        white = max(255.0, 2.0 ** int(np.ceil(top)).bit_length() - 1)
    else:
        white = next((usual for usual in FLOAT_WHITES if usual / 2 <= top <= usual), top)
    return black, black + (white or 1.0)


def _tagged_range(image: Image.Image, values: Values) -> tuple[float, float] | None:
    """Black and white as tags state them.

    None without tags, if pixels exceed them, or if they span all bits.
    """
    tags = _tags(image)
    try:
        black, white = (float(np.ravel(tags[tag])[0]) for tag in (MIN_SAMPLE_VALUE, MAX_SAMPLE_VALUE))
        all_bits = image.mode != "F" and white - black >= 2.0 ** int(tags[BITS_PER_SAMPLE][0]) - 1
    except (KeyError, IndexError, TypeError, ValueError):
        return None
    encloses = black < white and black <= values.min() and values.max() <= white
    return (black, white) if encloses and not all_bits else None


def _tags(image: Image.Image) -> Mapping[int, Any]:
    return getattr(image, "tag_v2", {})
