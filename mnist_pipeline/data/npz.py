"""Reads a .npz file in the layout of the one that `keras.datasets.mnist` downloads."""

import math
import zipfile
from pathlib import Path
from typing import IO, Any

from numpy.lib import format as npy
from numpy.typing import NDArray

from mnist_pipeline.data.aligned_read import MAX_BYTES, aligned_read
from mnist_pipeline.data.images import Images, checked
from mnist_pipeline.errors import DataError

SPLIT_ARRAYS = ("train", "test")


def read_npz(file: Path) -> dict[str, Images]:
    """The parts, `train` and `test`, in a .npz file with x_train, y_train, x_test, y_test. Nothing is unpickled.

    Raises DataError if there is no whole part, or the file is damaged.
    """
    arrays = _read(file)
    parts = {
        part: checked(arrays[f"x_{part}"], arrays[f"y_{part}"], f"{file}: {part}")
        for part in SPLIT_ARRAYS
        if f"x_{part}" in arrays and f"y_{part}" in arrays
    }
    if not parts:
        found = ", ".join(arrays) or "none"
        raise DataError(f"{file}: expected arrays x_train, y_train, x_test, y_test, found {found}")
    return parts


def _read(file: Path) -> dict[str, NDArray[Any]]:
    try:
        with file.open("rb") as opened, zipfile.ZipFile(opened) as archive:
            opened.seek(0)
            if opened.read(2) != b"PK":
                raise DataError(f"{file}: cannot read this .npz file: something else stands before the archive")
            members = {member.filename.removesuffix(".npy"): member for member in archive.infolist()}
            if sum(member.file_size for member in members.values()) > MAX_BYTES:
                raise DataError(f"{file}: more than 1 GiB when unpacked")
            return {
                name: _array(archive.open(member), member.file_size)
                for name, member in members.items()
                if name in {f"{kind}_{part}" for kind in "xy" for part in SPLIT_ARRAYS}
            }
    except DataError:
        raise
    except Exception as error:  # what zipfile, its decompressors and NumPy's header raise for a damaged file
        raise DataError(f"{file}: cannot read this .npz file: {error}") from error


def _array(member: IO[bytes], size: int) -> NDArray[Any]:
    """The array in one member of `size` bytes. Its header is believed only as far as there are bytes behind it."""
    version = npy.read_magic(member)
    header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, column_order, dtype = header(member)
    if dtype.hasobject:
        raise ValueError("it holds Python objects, and those could run code")
    values = math.prod(shape) * dtype.itemsize
    there = size - member.tell()
    if values != there or min(shape, default=1) < 1:
        raise ValueError(f"the header announces an array of {shape} {dtype}, and there are {there} bytes")
    array = aligned_read(member, there).view(dtype)
    return array.reshape(shape, order="F" if column_order else "C")
