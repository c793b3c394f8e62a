"""Where images come from: a named dataset, a .npz file, or a folder of IDX files."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mnist_pipeline.config.suggestions import suggest
from mnist_pipeline.data import idx
from mnist_pipeline.data.images import DATASET_CLASS_NAMES, Images, sha256
from mnist_pipeline.data.npz import read_npz
from mnist_pipeline.errors import DataError
from mnist_pipeline.files import sha256 as file_sha256

SAMPLE = Path(__file__).parent / "sample" / "mnist_sample.npz"
HOST = "https://storage.googleapis.com/tensorflow/tf-keras-datasets"
MNIST_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
# Of the four files as Zalando Research publishes them.
FASHION_MNIST_SHA256 = {
    "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
}


@dataclass(frozen=True)
class Access:
    """What may be done to load data.

    `paths`: whether files are read that a config names; `download`: whether data are downloaded; `source_option`: what
    a user writes before the name of other data, None where a command takes no other data.
    """

    paths: bool = True
    download: bool = True
    source_option: str | None = "--data"


FULL_ACCESS = Access()


@dataclass(frozen=True)
class Source:
    """All labeled images of a source.

    `origin`: the file, folder or package that they were read from.
    """

    name: str
    origin: str
    splits: dict[str, Images]

    @property
    def class_names(self) -> tuple[str, ...] | None:
        """Names of the classes; None where they are the digits."""
        return DATASET_CLASS_NAMES.get(self.name)

    @property
    def sha256(self) -> str:
        """SHA-256 of all images and labels, whatever file they came in."""
        return sha256(self.splits.get("train"), self.splits.get("test"))


def load(name: str, access: Access = FULL_ACCESS) -> Source:
    """The source called `name`: mnist, mnist_sample, fashion_mnist, or a path.

    Raises DataError, which names what was tried and what else can be done.
    """
    if name in NAMED_SOURCES:
        return NAMED_SOURCES[name](access)
    if not access.paths:  # not even looked for: on Windows, looking for a file on a network share logs in there
        advice = ""
        if access.source_option:
            advice = f". If you trust it, or to use other data: {access.source_option} SOURCE"
        raise DataError(f"{name}: not read, because this run was created elsewhere{advice}")
    path = _existing(name)
    if path is None:
        raise DataError(_not_found_message(name, access))
    return Source(name, str(path), _read(path))


def cache() -> Path:
    """The folder where Keras and this package keep datasets.

    Raises DataError for a user without a home folder.
    """
    try:
        return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets"
    except RuntimeError as error:
        raise DataError("there is no home folder to keep data in. Set KERAS_HOME to a folder") from error


# Paths


def _existing(name: str) -> Path | None:
    """The path called `name` if it exists, otherwise None.

    Raises DataError for a folder without permission.
    """
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


def _not_found_message(name: str, access: Access) -> str:
    if access.download or name.startswith("~") or Path(name).is_absolute():
        suggestion = suggest(name, NAMED_SOURCES)
        end = f"Did you mean '{suggestion}'?" if suggestion else f"Datasets: {', '.join(NAMED_SOURCES)}"
        return f"{name}: file, folder or dataset not found. {end}"
    advice = f". Go there, or name the data: {access.source_option} PATH" if access.source_option else ""
    return f"{name}: file or folder not found. The path is relative to the folder in which the run was trained{advice}"


# Named datasets


def _mnist(access: Access) -> Source:
    name = os.environ.get("MNIST_DATA")
    if name:
        try:
            path = _existing(name)
            if path is None:
                raise DataError(f"{name}: file or folder not found")
            return Source("mnist", str(path), _read(path))
        except DataError as error:
            raise DataError(f"{error} (MNIST_DATA is {name})") from error
    file = cache() / "mnist.npz"
    _require_in_cache("mnist", file, MNIST_SHA256, access)
    return Source("mnist", str(file), read_npz(file))


def _mnist_sample(_: Access) -> Source:
    """4,000 images to train and 1,000 to test, 500 of each digit in all.

    All are from MNIST's training set.
    """
    try:
        return Source("mnist_sample", "mnist_pipeline", read_npz(SAMPLE))
    except DataError as error:
        raise DataError(f"{error}. Install mnist-pipeline again: it brings this file") from error


def _fashion_mnist(access: Access) -> Source:
    folder = cache() / "fashion-mnist"
    for name, digest in FASHION_MNIST_SHA256.items():
        _require_in_cache("fashion_mnist", folder / name, digest, access)
    splits = {}
    for split, prefix in idx.SPLIT_FILES.items():  # these files only: others may lie beside them, unpacked
        images, labels = (folder / f"{prefix}-{kind}.gz" for kind in (idx.IMAGES, idx.LABELS))
        splits[split] = idx.read_split(images, labels, f"{folder}: {split}")
    return Source("fashion_mnist", str(folder), splits)


NAMED_SOURCES: dict[str, Callable[[Access], Source]] = {
    "mnist": _mnist,
    "mnist_sample": _mnist_sample,
    "fashion_mnist": _fashion_mnist,
}


def _require_in_cache(name: str, file: Path, expected: str, access: Access) -> None:
    """Have `file` in the cache with the SHA-256 `expected`; download it if missing.

    `name`: the dataset that it belongs to. Raises DataError.
    """
    try:
        if not file.is_file():
            _download(name, file, expected, access)
        received = file_sha256(file)
    except OSError as error:
        raise DataError(f"{file}: cannot read this file: {error.strerror}") from error
    if received != expected:
        raise DataError(
            f"{file}: this file is damaged, or another: expected SHA-256 {expected}, received {received}. "
            f"Delete it; this downloads it again: mnist data {name}"
            f"{'. A file of your own: set MNIST_DATA to it' if name == 'mnist' else ''}"
        )


def _download(name: str, file: Path, digest: str, access: Access) -> None:
    missing = f"{name}: not found at {file}"
    if not access.download:
        reason = "commands that use a run download nothing by themselves"
        raise DataError(f"{missing}; {reason}.{_next_steps(name, access)}")
    from mnist_pipeline.data.download import download  # and the whole of HTTP with it

    try:
        download(f"{HOST}/{file.name}", file, digest)
    except (DataError, OSError) as error:
        raise DataError(f"{missing}; {error}.{_next_steps(name, access)}") from error


def _next_steps(name: str, access: Access) -> str:
    """What to do without the data called `name`, as the end of a message."""
    steps = {
        f"download it: {access.source_option} {name}": access.source_option and not access.download,
        f"use the 5,000 images that come with this package: {access.source_option} mnist_sample": access.source_option,
        "set MNIST_DATA to a .npz file or a folder of IDX files that you have": name == "mnist",
        f"name the file or folder: {access.source_option} PATH": access.source_option,
    }
    possible = [step for step, is_possible in steps.items() if is_possible]
    return f" To continue: {'; or '.join(possible)}" if possible else ""
