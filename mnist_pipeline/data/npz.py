"""Reads a .npz file in the layout of the one that `keras.datasets.mnist` downloads."""

import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_pipeline.data.images import Images, checked
from mnist_pipeline.errors import DataError

LARGEST_FILE = 1 << 31
PARTS = ("train", "test")


def read_npz(file: Path) -> dict[str, Images]:
    """The parts, `train` and `test`, in a .npz file with x_train, y_train, x_test, y_test. Nothing is unpickled.

    Raises DataError if there is no whole part, or the file is damaged.
    """
    arrays = _read(file)
    parts = {
        part: checked(arrays[f"x_{part}"], arrays[f"y_{part}"], f"{file}: {part}")
        for part in PARTS
        if f"x_{part}" in arrays and f"y_{part}" in arrays
    }
    if not parts:
        raise DataError(
            f"{file}: expected arrays x_train, y_train, x_test, y_test, found {', '.join(arrays) or 'none'}"
        )
    return parts


def _read(file: Path) -> dict[str, NDArray[Any]]:
    names = [f"{kind}_{part}" for kind in "xy" for part in PARTS]
    try:
        with zipfile.ZipFile(file) as archive:
            if sum(member.file_size for member in archive.infolist()) > LARGEST_FILE:
                raise DataError(f"{file}: more than 2 GiB when unpacked")
        with np.load(file, allow_pickle=False) as content:
            return {name: content[name] for name in content.files if name in names}
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError) as error:
        reason = "it holds Python objects, and those could run code" if "pickle" in str(error).lower() else error
        raise DataError(f"{file}: cannot read this .npz file: {reason}") from error
