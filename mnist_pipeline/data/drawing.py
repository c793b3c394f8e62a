"""Digits drawn in characters, for a terminal."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BRAILLE = 0x2800
DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
HALF_INK = 96


def drawing(images: NDArray[np.uint8], captions: Sequence[str], across: int = 5) -> str:
    """Digits (n, 28, 28) in Braille characters, 14 wide and 7 high each, under their captions."""
    blocks = []
    for start in range(0, len(images), across):
        row = images[start : start + across]
        heads = [f"{caption:<14}" for caption in captions[start : start + across]]
        lines = zip(*map(_braille, row), strict=True)
        blocks.append("\n".join([" ".join(heads).rstrip(), *(" ".join(line).rstrip() for line in lines)]))
    return "\n\n".join(blocks)


def _braille(image: NDArray[np.uint8]) -> list[str]:
    """One character for each 4 x 2 pixels."""
    cells = (image >= HALF_INK).reshape(7, 4, 14, 2)
    codes = np.einsum("rycx,yx->rc", cells.astype(int), np.array(DOTS)) + BRAILLE
    return ["".join(chr(code) for code in row) for row in codes]
