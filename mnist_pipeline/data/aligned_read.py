"""Reads the values behind a header, to where TensorFlow can use them without a copy."""

import gzip
from typing import IO

import numpy as np
from numpy.typing import NDArray

ALIGNMENT = 64  # what TensorFlow asks of memory that it is to share
PIECE = 1 << 20
MAX_BYTES = 1 << 30  # bytes in one file; the largest set like MNIST, EMNIST, has 640 million


def aligned_read(opened: IO[bytes] | gzip.GzipFile, count: int) -> NDArray[np.uint8]:
    """The next `count` bytes of a file as uint8 (count,); fewer if it ends before.

    Memory is taken for what is there, not for what a header announces.
    """
    values = bytearray()
    while len(values) < count and (piece := opened.read(min(PIECE, count - len(values)))):
        values += piece
    return _aligned(np.frombuffer(values, np.uint8))


def _aligned(values: NDArray[np.uint8]) -> NDArray[np.uint8]:
    room = np.empty(len(values) + ALIGNMENT, np.uint8)
    start = -room.ctypes.data % ALIGNMENT
    aligned = room[start : start + len(values)]
    aligned[:] = values
    return aligned
