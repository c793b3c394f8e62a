"""The HDF5 weights in a Keras model file, checked before Keras reads them.

An HDF5 file of kilobytes can declare arrays of gigabytes: compressed, never written, or the same bytes many times.
"""

import io
import math
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

WEIGHTS = "model.weights.h5"
OPTIMIZER = "/optimizer/"  # where Keras saves the state of the optimizer, which is not loaded

MAX_STATES = 8  # bytes for each byte of weights: an optimizer keeps up to four values for each weight
MAX_COMPRESSION = 20  # bytes for each byte in the archive; Keras does not compress, and trained weights hardly can be
MODEL_OVERHEAD = 2**20  # bytes that any model may take beyond these
LAYER_OVERHEAD = 2**12  # bytes; the names and tables of a layer take half of that

UNUSUAL = "it contains weights in a form that Keras does not write"
INTEGER = "int"
Shape = tuple[tuple[int, ...], str]


def check_weights(file: Path, variables: Sequence[Any], layers: int) -> None:
    """Raise ValueError unless the weights in `file` are those of `variables`.

    All must be written out. `variables` have a `shape` and a `dtype`; `layers` is the number of layers that they belong
    to.
    """
    with zipfile.ZipFile(file) as archive:
        _check_size(archive.getinfo(WEIGHTS), sum(map(_bytes, variables)), layers)
        content = archive.read(WEIGHTS)
    with h5py.File(io.BytesIO(content), "r") as opened:
        arrays = _arrays(opened, set())
        saved_shapes = Counter(_shape(array) for array in arrays if not array.name.startswith(OPTIMIZER))
    model_shapes = Counter(map(_shape, variables))
    for shape, dtype in saved_shapes - model_shapes:
        raise ValueError(f"it contains weights {shape} {dtype}, which no layer has")
    for shape, dtype in model_shapes - saved_shapes:
        if dtype != INTEGER:  # seeds of layers, which Keras does not save
            raise ValueError(f"the weights {shape} {dtype} of a layer are not saved")


def _check_size(member: zipfile.ZipInfo, weights: int, layers: int) -> None:
    overhead = MODEL_OVERHEAD + LAYER_OVERHEAD * layers
    if not weights <= member.file_size <= MAX_STATES * weights + overhead:
        raise ValueError(f"its layers have {weights:,} bytes of weights, and {member.file_size:,} are saved")
    if member.file_size > MAX_COMPRESSION * member.compress_size + overhead:
        raise ValueError(f"{member.compress_size:,} bytes of it unpack to {member.file_size:,}, more than weights do")


def _arrays(group: Any, seen: set[int]) -> Iterator[Any]:
    """Every array below `group`.

    Raises ValueError for what Keras never writes: other types, and links.
    """
    _check_attributes(group)
    for name in group:
        if group.get(name, getlink=True, getclass=True) is not h5py.HardLink:
            raise ValueError("its weights are links")
        item = group[name]
        address: int = h5py.h5o.get_info(item.id).addr
        if address in seen:
            raise ValueError("its weights contain one item under two names")
        seen.add(address)
        match item:
            case h5py.Group():
                yield from _arrays(item, seen)
            case h5py.Dataset():
                _check_array(item)
                yield item
            case _:
                raise ValueError("its weights contain something else")


def _check_attributes(group: Any) -> None:
    """Keras writes one only: the layer's name, with the weights of a layer."""
    names = set(group.attrs)
    if names and (names != {"name"} or not group.name.endswith("/vars") or group.attrs.get_id("name").shape != ()):
        raise ValueError(UNUSUAL)


def _check_array(array: Any) -> None:
    properties = array.id.get_create_plist()
    plain = properties.get_layout() in (h5py.h5d.CONTIGUOUS, h5py.h5d.COMPACT) and not properties.get_external_count()
    if not plain or array.shape is None or array.dtype.kind not in "fiu" or len(array.attrs):
        raise ValueError(UNUSUAL)
    stored, declared = array.id.get_storage_size(), _bytes(array)
    if stored != declared:
        raise ValueError(f"it declares weights {array.shape} of {declared:,} bytes, received {stored:,} bytes")


def _bytes(array: Any) -> int:
    return math.prod(array.shape) * np.dtype(array.dtype).itemsize


def _shape(array: Any) -> Shape:
    """Shape and type, where all integers are one type.

    Earlier versions of Keras had another type for seeds.
    """
    dtype = np.dtype(array.dtype)
    return tuple(array.shape), INTEGER if dtype.kind in "iu" else dtype.name
