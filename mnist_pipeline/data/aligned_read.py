"""Reads bytes into memory that TensorFlow can share without a copy."""

import gzip
from typing import IO

import numpy as np
from numpy.typing import NDArray

ALIGNMENT = 64  # bytes; TensorFlow copies arrays that are aligned to less
CHUNK = 1 << 20
MAX_BYTES = 1 << 30  # in one file; EMNIST, the largest dataset like MNIST, has 640 million


def aligned_read(file: IO[bytes] | gzip.GzipFile, count: int) -> NDArray[np.uint8]:
    """The next `count` bytes of an open file as uint8 (count,).

    Fewer if it ends before. Takes memory for the bytes that are there, not for those that a header declares.
    """
    content = bytearray()
    while len(content) < count and (chunk := file.read(min(CHUNK, count - len(content)))):
        content += chunk
    return _aligned(np.frombuffer(content, np.uint8))


def _aligned(values: NDArray[np.uint8]) -> NDArray[np.uint8]:
    room = np.empty(len(values) + ALIGNMENT, np.uint8)
    start = -room.ctypes.data % ALIGNMENT
    aligned = room[start : start + len(values)]
    aligned[:] = values
    return aligned
