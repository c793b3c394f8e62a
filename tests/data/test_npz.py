"""A .npz file in Keras' layout is read, any other refused, and nothing in it run."""

import io
import os
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_pipeline.data.images import Images
from mnist_pipeline.data.npz import read_npz
from mnist_pipeline.errors import DataError
from tests.helpers import noise, npz_file

TEST = noise(3)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("npz")


def packed(save: Callable[..., None], **arrays: Any) -> bytes:
    content = io.BytesIO()
    save(content, **arrays)
    return content.getvalue()


PLAIN = packed(np.savez, x_test=TEST.images, y_test=TEST.labels)
COMPRESSED = packed(np.savez_compressed, x_test=TEST.images, y_test=TEST.labels)


def npy(shape: Any, kind: str = "|u1", values: bytes = b"") -> bytes:
    """The content of a .npy file that declares `shape`, and holds `values`."""
    head = repr({"descr": kind, "fortran_order": False, "shape": shape}).encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + values


def archive(file: Path, compression: int = zipfile.ZIP_STORED, **members: bytes) -> Path:
    """A zip file with one label under y_test and with `members`."""
    members = {"y_test": npy((1,), values=b"\x01")} | members
    with zipfile.ZipFile(file, "w", compression) as opened:
        for name, content in members.items():
            opened.writestr(f"{name}.npy", content)
    return file


def test_both_parts_are_read(tmp_path: Path) -> None:
    train, test = noise(4, seed=1), noise(2, seed=2)
    parts = read_npz(npz_file(tmp_path / "both.npz", train, test))
    assert list(parts) == ["train", "test"]
    for read, written in ((parts["train"], train), (parts["test"], test)):
        np.testing.assert_array_equal(read.images, written.images)
        np.testing.assert_array_equal(read.labels, written.labels)


def test_one_part_alone_is_enough(tmp_path: Path) -> None:
    assert list(read_npz(npz_file(tmp_path / "one.npz", train=noise()))) == ["train"]


def test_arrays_of_other_names_are_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "more.npz"
    np.savez(file, x_test=TEST.images, y_test=TEST.labels, notes=np.array(["anything"]))
    assert list(read_npz(file)) == ["test"]


def test_a_compressed_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "small.npz"
    file.write_bytes(COMPRESSED)
    np.testing.assert_array_equal(read_npz(file)["test"].images, TEST.images)


@pytest.mark.parametrize(
    ("names", "names_shown"),
    [(["x_test"], "x_test"), (["y_train"], "y_train"), (["images", "labels"], "none"), ([], "none")],
    ids=["images without labels", "labels without images", "other names", "nothing"],
)
def test_a_file_without_a_complete_split_is_refused_and_its_arrays_are_named(
    tmp_path: Path, names: list[str], names_shown: str
) -> None:
    file = tmp_path / "half.npz"
    np.savez(file, **dict.fromkeys(names, TEST.images))
    with pytest.raises(DataError, match=f"expected arrays x_train, y_train, x_test, y_test, received {names_shown}$"):
        read_npz(file)


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (TEST.images / 255, TEST.labels, "expected pixels .* received float64"),
        (TEST.images, np.eye(10)[TEST.labels], r"expected labels of shape \(n,\)"),
        (TEST.images[:, :14], TEST.labels, r"expected images of shape \(n, 28, 28\), received \(3, 14, 28\)"),
        (TEST.images, TEST.labels[:1], ".*received 1 labels for 3 images"),
    ],
    ids=["floats", "one-hot", "half images", "too few labels"],
)
def test_arrays_that_are_not_labeled_images_are_refused(tmp_path: Path, images: Any, labels: Any, message: str) -> None:
    file = tmp_path / "other.npz"
    np.savez(file, x_test=images, y_test=labels)
    with pytest.raises(DataError, match=f"other.npz: test: {message}"):
        read_npz(file)


class Trap:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.folder),)


@pytest.mark.parametrize("name", ["x_test", "y_test"])
def test_objects_are_never_unpickled(tmp_path: Path, name: str) -> None:
    sprung = tmp_path / "sprung"
    arrays: dict[str, Any] = {"x_test": TEST.images, "y_test": TEST.labels}
    arrays[name] = np.array([Trap(sprung)], dtype=object)
    np.savez(tmp_path / "trap.npz", **arrays)
    with pytest.raises(DataError, match="it contains Python objects, which could run code"):
        read_npz(tmp_path / "trap.npz")
    assert not sprung.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a zip file",
        PLAIN[: len(PLAIN) // 2],
        PLAIN[:-30],
        PLAIN.replace(TEST.images[0, 0].tobytes(), bytes(28)),
    ],
    ids=["empty", "text", "half", "without its end", "wrong sum"],
)
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "damaged.npz"
    file.write_bytes(content)
    with pytest.raises(DataError, match=r"damaged\.npz: cannot read this \.npz file"):
        read_npz(file)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.npz", tmp_path):
        with pytest.raises(DataError, match=r"cannot read this \.npz file"):
            read_npz(path)


@pytest.mark.parametrize(
    "member",
    [
        b"no array at all",
        npy(7),
        npy((-1, 28, 28)),
        npy((2**70, 28, 28)),
        npy((0, 2**62, 2**62)),
        npy((1, 28, 28), "no type"),
        npy((1, 28, 28), "V1000000000"),
        npy((1, 28, 28)).replace(b"{", b"("),
        npy((1, 28, 28), values=bytes(783)),
    ],
    ids=[
        "no array", "shape without brackets", "negative size", "size beyond 64 bits", "empty of huge sizes",
        "unknown type", "huge type", "unbalanced header", "one value missing",
    ],
)  # fmt: skip
def test_a_malformed_array_is_refused(tmp_path: Path, member: bytes) -> None:
    with pytest.raises(DataError, match=r"mine\.npz"):
        read_npz(archive(tmp_path / "mine.npz", x_test=member))


@pytest.mark.parametrize("images", [2_000_000, 1_000_000_000])
def test_a_huge_declared_size_takes_no_memory(tmp_path: Path, images: int) -> None:
    file = archive(tmp_path / "huge.npz", x_test=npy((images, 28, 28), values=b"a few values"))
    tracemalloc.start()
    try:
        with pytest.raises(DataError):
            read_npz(file)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 64 << 20


def test_a_file_that_unpacks_to_more_than_1_gib_is_refused_unread(tmp_path: Path) -> None:
    file = archive(tmp_path / "bomb.npz", x_test=npy((1, 28, 28)))
    content = bytearray(file.read_bytes())
    entry = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 1)
    content[entry + 24 : entry + 28] = struct.pack("<I", 2**31 + 1)  # the size of x_test in the archive's directory
    file.write_bytes(content)
    with pytest.raises(DataError, match="unpacks to more than 1 GiB"):
        read_npz(file)


def test_an_encrypted_file_is_refused(tmp_path: Path) -> None:
    content = bytearray(PLAIN)
    for mark, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        place = -1
        while (place := content.find(mark, place + 1)) >= 0:
            content[place + offset] |= 1
    file = tmp_path / "secret.npz"
    file.write_bytes(content)
    with pytest.raises(DataError, match=r"secret\.npz"):
        read_npz(file)


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_corrupt_member_is_refused_however_it_is_compressed(tmp_path: Path, compression: int) -> None:
    member = npy((3, 28, 28), values=TEST.images.tobytes())
    file = archive(tmp_path / "corrupt.npz", compression, x_test=member)
    content = bytearray(file.read_bytes())
    start = content.index(b"x_test.npy") + len("x_test.npy")
    content[start + 10 : start + 30] = b"\xff" * 20
    file.write_bytes(content)
    with pytest.raises(DataError, match=r"corrupt\.npz"):
        read_npz(file)


def read_or_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    try:
        parts = read_npz(file)
    except DataError:
        return
    assert parts
    for part in parts.values():
        assert isinstance(part, Images)
        assert part.images.shape == (len(part.labels), 28, 28)
        assert part.images.dtype == part.labels.dtype == np.uint8
        assert part.labels.max() <= 9


def test_an_array_with_an_archive_behind_it_is_read_or_refused(tmp_path: Path) -> None:
    lone = io.BytesIO()
    np.save(lone, TEST.labels)
    read_or_refused(tmp_path / "both.npz", lone.getvalue() + PLAIN)


@settings(deadline=None)
@given(content=st.binary(max_size=200) | st.binary(max_size=200).map(lambda rest: b"PK\x03\x04" + rest))
def test_arbitrary_bytes_are_refused(scratch: Path, content: bytes) -> None:
    file = scratch / "any.npz"
    file.write_bytes(content)
    with pytest.raises(DataError, match=r"any\.npz"):
        read_npz(file)


@settings(deadline=None)
@given(
    place=st.integers(0, 200) | st.integers(-300, -1), put=st.binary(min_size=1, max_size=4), cut=st.integers(0, 8),
    valid=st.sampled_from([PLAIN, COMPRESSED]),
)  # fmt: skip
def test_a_mutated_file_is_read_or_refused(scratch: Path, place: int, put: bytes, cut: int, valid: bytes) -> None:
    start = place % len(valid)
    read_or_refused(scratch / "mutated.npz", valid[:start] + put + valid[start + cut :])


@settings(deadline=None)
@given(
    shape=st.lists(st.integers(-2, 2**70) | st.sampled_from([1, 28]), max_size=4).map(tuple),
    kind=st.sampled_from(["|u1", "<i8", "<f4", "|O", "|S5", "<U3", "|V2", "<M8[s]", "|b1"]),
    values=st.binary(max_size=100),
)
def test_any_header_is_read_or_refused(scratch: Path, shape: tuple[int, ...], kind: str, values: bytes) -> None:
    file = archive(scratch / "header.npz", x_test=npy(shape, kind, values))
    read_or_refused(file, file.read_bytes())
