"""Reads a .npz file in the layout of `keras.datasets.mnist`."""

import math
import zipfile
from pathlib import Path
from typing import IO, Any

from numpy.lib import format as npy
from numpy.typing import NDArray

from mnist_pipeline.data.aligned_read import MAX_BYTES, aligned_read
from mnist_pipeline.data.images import Images, validate
from mnist_pipeline.errors import DataError

# A split -> the names of its images and labels.
SPLIT_ARRAYS = {"train": ("x_train", "y_train"), "test": ("x_test", "y_test")}


def read_npz(file: Path) -> dict[str, Images]:
    """The splits, `train` and `test`, of a .npz file.

    They are in x_train, y_train, x_test, y_test. Nothing is unpickled. Raises DataError if neither split is complete,
    or the file is damaged.
    """
    arrays = _read_arrays(file)
    splits = {
        split: validate(arrays[images], arrays[labels], f"{file}: {split}")
        for split, (images, labels) in SPLIT_ARRAYS.items()
        if images in arrays and labels in arrays
    }
    if not splits:
        names = ", ".join(arrays) or "none"
        raise DataError(f"{file}: expected arrays x_train, y_train, x_test, y_test, received {names}")
    return splits


def _read_arrays(file: Path) -> dict[str, NDArray[Any]]:
    names = {name for pair in SPLIT_ARRAYS.values() for name in pair}
    try:
        with file.open("rb") as opened, zipfile.ZipFile(opened) as archive:
            opened.seek(0)
            if opened.read(2) != b"PK":
                raise DataError(f"{file}: cannot read this .npz file: it does not begin with the archive")
            members = {member.filename.removesuffix(".npy"): member for member in archive.infolist()}
            if sum(member.file_size for member in members.values()) > MAX_BYTES:
                raise DataError(f"{file}: unpacks to more than 1 GiB")
            return {
                name: _read_array(archive.open(member), member.file_size)
                for name, member in members.items()
                if name in names
            }
    except DataError:
        raise
    except Exception as error:  # what zipfile, its decompressors and NumPy's header raise for a damaged file
        raise DataError(f"{file}: cannot read this .npz file: {error}") from error


def _read_array(member: IO[bytes], size: int) -> NDArray[Any]:
    """The array in one member of `size` bytes.

    Raises ValueError if its header declares another size.
    """
    version = npy.read_magic(member)
    read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, column_order, dtype = read_header(member)
    if dtype.hasobject:
        raise ValueError("it contains Python objects, which could run code")
    declared, received = math.prod(shape) * dtype.itemsize, size - member.tell()
    if declared != received or min(shape, default=1) < 1:
        raise ValueError(f"the header declares an array of {shape} {dtype}, received {received:,} bytes")
    array = aligned_read(member, received).view(dtype)
    return array.reshape(shape, order="F" if column_order else "C")
