"""Small data, files and runs for several tests."""

import gzip
import io
import json
import struct
import zipfile
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints, is_typeddict

import numpy as np
import pytest
import yaml
from hypothesis import strategies as st
from numpy.typing import NDArray

from mnist_pipeline.config.load import LoadedConfig, load
from mnist_pipeline.config.schema import Config
from mnist_pipeline.data.images import Images
from mnist_pipeline.run.create import create
from mnist_pipeline.run.files import MODEL
from mnist_pipeline.run.folder import Run


def new_run(loaded: LoadedConfig, folder: Path | None = None, **origin: Any) -> Run:
    """A new run for `loaded`, whose lock is released."""
    with create(loaded, folder, **origin) as run:
        return run


def recorded(name: str, started: str = "2026-11-22T09:30:00+00:00", status: str = "finished", **fields: Any) -> Run:
    """A run under runs/ with nothing but a record."""
    folder = Path("runs") / name
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps({"status": status, "started": started, **fields}))
    return Run(folder)


def unknown_keys(value: Any, shape: Any, key_path: str = "") -> list[str]:
    """Keys in `value` that the TypedDict `shape` does not have, such as `data.color`."""
    if is_typeddict(shape):
        fields = get_type_hints(shape)
        unknown = [f"{key_path}{key}" for key in value if key not in fields]
        below = [unknown_keys(value[key], fields[key], f"{key_path}{key}.") for key in value if key in fields]
        return unknown + [name for names in below for name in names]
    if get_origin(shape) is list:
        return [name for each in value for name in unknown_keys(each, get_args(shape)[0], key_path)]
    return []


def writes(content: bytes) -> Callable[[Path], object]:
    return lambda file: file.write_bytes(content)


def noise(count: int = 3, seed: int = 0) -> Images:
    """Random pixels under labels that count from 0."""
    pixels = np.random.default_rng(seed).integers(0, 256, (count, 28, 28), dtype=np.uint8)
    return Images(pixels, (np.arange(count) % 10).astype(np.uint8))


def mutated(content: bytes, data: st.DataObject) -> bytes:
    """`content` with one to eight other bytes."""
    changed = bytearray(content)
    for _ in range(data.draw(st.integers(1, 8))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    return bytes(changed)


def npz_file(file: Path, train: Images | None = None, test: Images | None = None) -> Path:
    """Write `file` in the layout of Keras' mnist.npz, with these splits."""
    arrays: dict[str, NDArray[Any]] = {}
    for name, part in (("train", train), ("test", test)):
        if part is not None:
            arrays |= {f"x_{name}": part.images, f"y_{name}": part.labels}
    np.savez(file, **arrays)
    return file


def idx_bytes(array: NDArray[np.uint8]) -> bytes:
    """`array` as the content of an IDX file."""
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def idx_folder(folder: Path, parts: dict[str, Images], images: str = "images-idx3-ubyte") -> Path:
    """`folder` with a pair of IDX files for each of `parts` (train, t10k).

    `images`: end of the name of the files of images.
    """
    folder.mkdir(parents=True, exist_ok=True)
    labels = images.replace("images", "labels").replace("idx3", "idx1")
    for prefix, part in parts.items():
        for name, array in ((images, part.images), (labels, part.labels)):
            content = idx_bytes(array)
            (folder / f"{prefix}-{name}").write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return folder


DIGITS: dict[str, Any] = {
    "model": {"layers": ["Flatten", {"Dense": {"units": 10, "activation": "softmax"}}]},
    "loss": "categorical_crossentropy",
}


def config(plain: dict[str, Any] | None = None) -> Config:
    """A config for digits, with the sections of `plain` in place of its own."""
    return Config.model_validate(DIGITS | (plain or {}))


def head(units: int, activation: str | None = None) -> dict[str, Any]:
    """The section `model` with one dense layer."""
    dense = {"units": units} | ({"activation": activation} if activation else {})
    return {"layers": ["Flatten", {"Dense": dense}]}


def described_anew(file: Path, old: str, new: str) -> Path:
    """The Keras model `file` with another description of its layers."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    changed = members["config.json"].decode().replace(old, new)
    assert json.loads(changed) != json.loads(members["config.json"])
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in (members | {"config.json": changed.encode()}).items():
            archive.writestr(name, content)
    return file


def with_weights(file: Path, edit: Callable[[Any], None], compression: int = zipfile.ZIP_STORED) -> Path:
    """The Keras model `file`, whose HDF5 file of weights, an h5py.File, was edited."""
    import h5py

    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    content = io.BytesIO(members["model.weights.h5"])
    with h5py.File(content, "r+") as opened:
        edit(opened)
    members["model.weights.h5"] = content.getvalue()
    with zipfile.ZipFile(file, "w", compression, compresslevel=1) as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return file


def untrained(folder: Path, config: Config, sharpness: float = 1.0) -> Run:
    """A finished run at `folder` with random weights, which is made in a moment.

    The weights of the last layer are multiplied by `sharpness`.
    """
    from mnist_pipeline.framework import keras
    from mnist_pipeline.training.build import build

    file = folder.with_suffix(".yaml")
    file.write_text(yaml.safe_dump(config.to_dict()))
    run = new_run(load(str(file)), folder)
    with run.record_outcome():
        keras.utils.set_random_seed(0)
        model = build(config, 1)
        kernel, bias = model.layers[-1].get_weights()
        model.layers[-1].set_weights([kernel * sharpness, bias])
        run.write(MODEL, lambda path: model.save(path, include_optimizer=False))
    return run


def without_metadata(monkeypatch: pytest.MonkeyPatch, *absent: str) -> None:
    """Hide the metadata of the packages `absent`, which can be imported all the same."""
    find = metadata.Distribution.from_name

    def from_name(name: str) -> metadata.Distribution:
        if name in absent:
            raise metadata.PackageNotFoundError(name)
        return find(name)

    monkeypatch.setattr(metadata.Distribution, "from_name", from_name)
