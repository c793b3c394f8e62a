"""Reads MNIST's own file format, IDX, plain or gzipped.

The format: two zero bytes, the type of the values (8: uint8), the number of dimensions, each dimension as a
big-endian int32, the values (Yann LeCun, "The MNIST database of handwritten digits").
"""

import gzip
import math
import struct
import zlib
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from mnist_pipeline.data.aligned_read import MAX_BYTES, aligned_read
from mnist_pipeline.data.images import Images, validate
from mnist_pipeline.errors import DataError

UINT8 = 8

IMAGES, LABELS = "images-idx3-ubyte", "labels-idx1-ubyte"
SPLIT_FILES = {"train": "train", "test": "t10k"}  # a split -> what the names of its files begin with


def read_folder(folder: Path) -> dict[str, Images]:
    """The splits, `train` and `test`, of a folder with files named as MNIST's own.

    Raises DataError if there are none, if images or labels are missing, or if a file is damaged.
    """
    splits: dict[str, Images] = {}
    for split, prefix in SPLIT_FILES.items():
        images, labels = _find(folder, f"{prefix}-{IMAGES}"), _find(folder, f"{prefix}-{LABELS}")
        if images and labels:
            splits[split] = read_split(images, labels, f"{folder}: {split}")
        elif images or labels:
            missing = LABELS if images else IMAGES
            raise DataError(f"{folder}: {prefix}-{missing} is missing; images and labels come in pairs")
    if not splits:
        raise DataError(f"{folder}: expected IDX files in this folder, such as t10k-{IMAGES} or t10k-{IMAGES}.gz")
    return splits


def read_split(images: Path, labels: Path, name: str) -> Images:
    """A split called `name`, from its two files. Raises DataError."""
    return validate(read(images), read(labels), name)


def read(file: Path) -> NDArray[np.uint8]:
    """The array in one IDX file of uint8 values.

    Raises DataError if it is damaged or no IDX file.
    """
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as opened:
            return _read(opened, file)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{file}: cannot read this file: {error}") from error


def _read(opened: IO[bytes] | gzip.GzipFile, file: Path) -> NDArray[np.uint8]:
    head = opened.read(4)
    if len(head) < 4 or head[:3] != bytes([0, 0, UINT8]) or not 1 <= head[3] <= 3:
        raise DataError(f"{file}: this is not an IDX file of uint8 values")
    sizes = opened.read(4 * head[3])
    if len(sizes) < 4 * head[3]:
        raise DataError(f"{file}: this file is cut off in its header")
    shape = struct.unpack(f">{head[3]}I", sizes)
    count = math.prod(shape)
    if not count:
        raise DataError(f"{file}: the header declares no values: {shape}")
    if count > MAX_BYTES:
        raise DataError(f"{file}: the header declares {count:,} values, more than 1 GiB")
    values = aligned_read(opened, count)
    if len(values) < count:
        raise DataError(f"{file}: this file is cut off: expected {count:,} values, received {len(values):,}")
    if opened.read(1):
        raise DataError(f"{file}: this file has more values than the {count:,} that its header declares")
    return values.reshape(shape)


def _find(folder: Path, name: str) -> Path | None:
    """The file `name` in one of its usual spellings.

    Raises DataError if the folder may not be read.
    """
    spellings = [name, name.replace("-idx", ".idx")]
    files = [folder / f"{spelling}{suffix}" for spelling in spellings for suffix in ("", ".gz")]
    try:
        return next((file for file in files if file.is_file()), None)
    except OSError as error:
        raise DataError(f"{folder}: cannot read this folder: {error.strerror}") from error
