"""MNIST's own files are read in every spelling, and damaged ones are refused."""

import gzip
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_pipeline.data import idx
from mnist_pipeline.errors import DataError
from tests.helpers import idx_bytes, idx_folder, noise

IMAGES, LABELS = noise(3).images, noise(3).labels
VALID = idx_bytes(IMAGES)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("idx")


@pytest.mark.parametrize(
    "spelling",
    ["images-idx3-ubyte", "images-idx3-ubyte.gz", "images.idx3-ubyte", "images.idx3-ubyte.gz"],
)
def test_both_parts_are_read_in_every_usual_spelling(tmp_path: Path, spelling: str) -> None:
    train, test = noise(4, seed=1), noise(2, seed=2)
    parts = idx.read_folder(idx_folder(tmp_path, {"train": train, "t10k": test}, spelling))
    assert list(parts) == ["train", "test"]
    for read, written in ((parts["train"], train), (parts["test"], test)):
        np.testing.assert_array_equal(read.images, written.images)
        np.testing.assert_array_equal(read.labels, written.labels)


@pytest.mark.parametrize(("prefix", "part"), [("train", "train"), ("t10k", "test")])
def test_one_part_alone_is_enough(tmp_path: Path, prefix: str, part: str) -> None:
    assert list(idx.read_folder(idx_folder(tmp_path, {prefix: noise()}))) == [part]


def test_images_and_labels_may_be_spelled_differently(tmp_path: Path) -> None:
    (tmp_path / "t10k-images.idx3-ubyte").write_bytes(VALID)
    (tmp_path / "t10k-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx_bytes(LABELS)))
    np.testing.assert_array_equal(idx.read_folder(tmp_path)["test"].labels, LABELS)


@pytest.mark.parametrize(("kept", "missing"), [("images-idx3", "labels-idx1"), ("labels-idx1", "images-idx3")])
def test_half_a_pair_is_refused_and_the_missing_file_named(tmp_path: Path, kept: str, missing: str) -> None:
    idx_folder(tmp_path, {"train": noise()})
    (tmp_path / f"train-{missing}-ubyte").unlink()
    assert (tmp_path / f"train-{kept}-ubyte").exists()
    with pytest.raises(DataError, match=f"train-{missing}-ubyte is missing"):
        idx.read_folder(tmp_path)


def test_a_folder_without_idx_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="expected IDX files in this folder"):
        idx.read_folder(tmp_path)


def test_images_and_labels_of_different_number_are_refused(tmp_path: Path) -> None:
    idx_folder(tmp_path, {"train": noise()})
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx_bytes(LABELS[:2]))
    with pytest.raises(DataError, match="received 2 labels for 3 images"):
        idx.read_folder(tmp_path)


def test_swapped_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "train-images-idx3-ubyte").write_bytes(idx_bytes(LABELS))
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(VALID)
    with pytest.raises(DataError, match="expected images of shape"):
        idx.read_folder(tmp_path)


HEADLESS = struct.pack(">BBBBII", 0, 0, 8, 3, 1, 28)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "this is not an IDX file"),
        (b"\x00\x00\x08", "this is not an IDX file"),
        (b"a text, not digits", "this is not an IDX file"),
        (b"\x00\x00\x0d" + VALID[3:], "this is not an IDX file of uint8 values"),
        (b"\x00\x00\x08\x00", "this is not an IDX file"),
        (b"\x00\x00\x08\x04" + bytes(16), "this is not an IDX file"),
        (HEADLESS, "cut off in its header"),
        (VALID[:-1], "cut off: expected 2,352 values, received 2,351"),
        (VALID + b"\x00", "this file has more values than the 2,352"),
        (gzip.compress(VALID), "this is not an IDX file"),
    ],
    ids=[
        "empty", "three bytes", "text", "floats", "no dimension", "four dimensions", "half a header", "cut off",
        "trailing bytes", "gzipped without .gz",
    ],
)  # fmt: skip
def test_a_file_that_is_not_what_it_should_be_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "train-images-idx3-ubyte"
    file.write_bytes(content)
    with pytest.raises(DataError, match=message) as refused:
        idx.read(file)
    assert str(refused.value).startswith(f"{file}: ")


PACKED = gzip.compress(VALID)


@pytest.mark.parametrize(
    "content",
    [VALID, PACKED[:20], PACKED[:-4], PACKED[:-8] + b"\x00" * 8, PACKED[:30] + b"\xff\xff\xff" + PACKED[33:]],
    ids=["not gzipped", "cut off", "without its end", "wrong sum", "corrupt"],
)
def test_a_damaged_gzip_file_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "images.gz"
    file.write_bytes(content)
    with pytest.raises(DataError, match="cannot read this file"):
        idx.read(file)


def test_an_empty_gzip_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "images.gz"
    file.write_bytes(b"")
    with pytest.raises(DataError, match="this is not an IDX file"):
        idx.read(file)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot read this file"):
        idx.read(tmp_path / "none")


@pytest.mark.parametrize("shape", [(2**31 + 1,), (2**32 - 1,) * 3, (2**16, 2**16)], ids=str)
def test_more_values_than_memory_should_hold_are_refused_at_the_header(tmp_path: Path, shape: tuple[int, ...]) -> None:
    file = tmp_path / "huge"
    file.write_bytes(bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}I", *shape))
    with pytest.raises(DataError, match="more than 1 GiB"):
        idx.read(file)


@pytest.mark.parametrize("suffix", ["", ".gz"], ids=["plain", "gzipped"])
def test_a_huge_declared_size_takes_no_memory(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"huge{suffix}"
    content = struct.pack(">BBBBIII", 0, 0, 8, 3, 1_300_000, 28, 28) + b"a few values"
    file.write_bytes(gzip.compress(content) if suffix else content)
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="cut off"):
            idx.read(file)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 64 << 20


def test_sizes_that_multiply_to_nothing_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "nothing"
    file.write_bytes(struct.pack(">BBBBIII", 0, 0, 8, 3, 0, 2**32 - 1, 2**32 - 1))
    with pytest.raises(DataError):
        idx.read(file)


def read_or_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    try:
        array = idx.read(file)
    except DataError:
        return
    assert array.dtype == np.uint8
    assert 1 <= array.ndim <= 3


@settings(deadline=None)
@given(content=st.binary(max_size=200) | st.binary(max_size=60).map(lambda rest: b"\x00\x00\x08" + rest))
def test_arbitrary_bytes_are_an_array_or_refused(scratch: Path, content: bytes) -> None:
    read_or_refused(scratch / "plain", content)
    read_or_refused(scratch / "packed.gz", content)
    read_or_refused(scratch / "packed.gz", gzip.compress(content))


@settings(deadline=None)
@given(place=st.integers(0, 40), put=st.binary(min_size=1, max_size=4), cut=st.integers(0, 8))
def test_a_mutated_file_is_an_array_or_refused(scratch: Path, place: int, put: bytes, cut: int) -> None:
    for name, valid in (("plain", VALID), ("packed.gz", PACKED)):
        read_or_refused(scratch / name, valid[:place] + put + valid[place + cut :])
