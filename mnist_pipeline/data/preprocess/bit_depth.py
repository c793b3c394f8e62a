"""Pictures of more than 8 bits -> their brightness.

Few files say which number is white, and many use a small part of what their bits hold: it follows from what is there.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mnist_pipeline.errors import ImageError

# Tags of TIFF 6.0
BITS, PHOTOMETRIC, SAMPLE_FORMAT, LEAST, LARGEST = 258, 262, 339, 340, 341
MIN_IS_WHITE = 0
UNSIGNED = 1
FLOAT_WHITES = (1.0, 255.0, 65535.0)

Values = NDArray[np.float64]


def brightness(picture: Image.Image, factor: int) -> Values:
    """The brightness of a deep picture, 0 to 255, each pixel the mean of `factor` x `factor`.

    Raises ImageError for pixels that are not finite.
    """
    values = np.concatenate(list(_means(picture, factor)))
    if not np.isfinite(values).all():
        raise ImageError("this picture holds numbers that are no brightness")
    black, white = _said_range(picture, values) or _range(values, picture.mode)
    gray = np.clip((values - black) / (white - black), 0, 1) * 255
    return 255 - gray if _tags(picture).get(PHOTOMETRIC) == MIN_IS_WHITE else gray


def _means(picture: Image.Image, factor: int) -> Iterator[Values]:
    """Row by row, because all values at once would take eight bytes a pixel."""
    tags = _tags(picture)
    wraps = picture.mode == "I" and tags.get(BITS) == (32,) and tags.get(SAMPLE_FORMAT, (UNSIGNED,)) == (UNSIGNED,)
    starts = np.arange(0, picture.width, factor)
    for top in range(0, picture.height, factor):
        pixels = np.asarray(picture.crop((0, top, picture.width, min(top + factor, picture.height))))
        sums = np.add.reduceat(pixels.view(np.uint32) if wraps else pixels, starts, axis=1, dtype=np.float64)
        yield sums.mean(axis=0, keepdims=True) / np.diff(starts, append=picture.width)


def _range(values: Values, mode: str) -> tuple[float, float]:
    """Black and white: 0, or the least number where that is negative, and the largest of as many bits as are used.

    Whole numbers use 8 bits at least: what is told apart by fewer is the grain of a sensor on an empty page.
    """
    black = min(0.0, float(values.min()))
    top = float(values.max()) - black
    if mode != "F":
        white = max(255.0, 2.0 ** int(np.ceil(top)).bit_length() - 1)
    else:
        white = next((usual for usual in FLOAT_WHITES if usual / 2 <= top <= usual), top)
    return black, black + (white or 1.0)


def _said_range(picture: Image.Image, values: Values) -> tuple[float, float] | None:
    """Black and white as the file says; None where it does not, or cannot be right, or names all that its bits hold."""
    tags = _tags(picture)
    try:
        black, white = (float(np.ravel(tags[tag])[0]) for tag in (LEAST, LARGEST))
        whole = picture.mode != "F" and white - black >= 2.0 ** int(tags[BITS][0]) - 1
    except (KeyError, IndexError, TypeError, ValueError):
        return None
    holds_all = black < white and black <= values.min() and values.max() <= white
    return (black, white) if holds_all and not whole else None


def _tags(picture: Image.Image) -> Mapping[int, Any]:
    return getattr(picture, "tag_v2", {})
