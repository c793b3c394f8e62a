"""Crops an image to the digit on it."""

import numpy as np
from numpy.typing import NDArray

INK = 0.25  # of the strongest contrast; weaker marks are paper, shadow or compression

Brightness = NDArray[np.float64]


def background(brightness: Brightness) -> float:
    """Brightness of the background: the median along the edge."""
    edge = np.concatenate([brightness[0], brightness[-1], brightness[:, 0], brightness[:, -1]])
    return float(np.sort(edge)[edge.size // 2])  # np.median would import numpy.ma, which takes longer than the rest


def crop_to_digit(ink: Brightness) -> Brightness:
    """The part of `ink` that encloses all pixels of at least INK.

    `ink`: (height, width), 0–1, and 1 somewhere.
    """
    rows, columns = (np.flatnonzero((ink >= INK).any(axis=axis)) for axis in (1, 0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
