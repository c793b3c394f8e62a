"""Images in Braille characters, for a terminal."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BRAILLE = 0x2800
DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
MIN_INK = 96


def to_braille(images: NDArray[np.uint8], captions: Sequence[str], per_row: int = 5) -> str:
    """Images (n, 28, 28) as text under their captions.

    Each is 14 characters wide and 7 high.
    """
    blocks = []
    for start in range(0, len(images), per_row):
        row = images[start : start + per_row]
        heads = [f"{caption:<14}" for caption in captions[start : start + per_row]]
        lines = zip(*map(_characters, row), strict=True)
        blocks.append("\n".join([" ".join(heads).rstrip(), *(" ".join(line).rstrip() for line in lines)]))
    return "\n\n".join(blocks)


def _characters(image: NDArray[np.uint8]) -> list[str]:
    """One character for each 4 x 2 pixels."""
    cells = (image >= MIN_INK).reshape(7, 4, 14, 2)
    codes = np.einsum("rycx,yx->rc", cells.astype(int), np.array(DOTS)) + BRAILLE
    return ["".join(chr(code) for code in row) for row in codes]
