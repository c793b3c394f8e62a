"""A source is read from where its name says, and an error says what is missing."""

import gzip
import hashlib
import os
import re
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_pipeline.config.load import LoadedConfig
from mnist_pipeline.data import sources
from mnist_pipeline.data.images import Images
from mnist_pipeline.errors import DataError
from tests.conftest import Mnist
from tests.helpers import idx_bytes, idx_folder, new_run, noise, npz_file

SAMPLE_SHA256 = "8de375dbc54d81b72844746b3e558d8fe48815c42d906629513dd485069c281f"
NOBODY = 65534
TRAIN, TEST = noise(4, seed=1), noise(3, seed=2)


def same(part: Images, other: Images) -> bool:
    return np.array_equal(part.images, other.images) and np.array_equal(part.labels, other.labels)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of datasets in an empty cache."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    folder = tmp_path / "keras" / "datasets"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Downloads go where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(sources, "HOST", f"http://127.0.0.1:{port}")


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, list[str]]]:
    """A folder that stands for the host of the data, and the requested paths."""
    folder, requests = tmp_path / "host", []
    folder.mkdir()

    class Server(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, directory=str(folder))

        def do_GET(self) -> None:
            requests.append(self.path)
            super().do_GET()

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        monkeypatch.setenv("no_proxy", "*")
        monkeypatch.setattr(sources, "HOST", f"http://127.0.0.1:{server.server_port}")
        yield folder, requests
        server.shutdown()
        thread.join(10)


# A path


@pytest.mark.parametrize("kind", ["npz", "idx"])
def test_a_path_is_read_and_keeps_the_name_that_the_user_wrote(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "mine.npz"
    if kind == "npz":
        npz_file(path, TRAIN, TEST)
    else:
        idx_folder(path, {"train": TRAIN, "t10k": TEST})
    source = sources.load(str(path))
    assert (source.name, source.origin) == (str(path), str(path))
    assert same(source.splits["train"], TRAIN)
    assert same(source.splits["test"], TEST)


def test_the_same_images_have_the_same_hash_in_whatever_file(tmp_path: Path) -> None:
    npz = sources.load(str(npz_file(tmp_path / "mine.npz", TRAIN, TEST)))
    idx = sources.load(str(idx_folder(tmp_path / "idx", {"train": TRAIN, "t10k": TEST}, "images-idx3-ubyte.gz")))
    assert npz.sha256 == idx.sha256
    assert npz.sha256 != sources.load(str(npz_file(tmp_path / "swapped.npz", TEST, TRAIN))).sha256


def test_the_home_folder_may_be_written_as_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    npz_file(tmp_path / "mine.npz", test=TEST)
    assert same(sources.load("~/mine.npz").splits["test"], TEST)


def test_a_misspelled_dataset_is_suggested() -> None:
    with pytest.raises(DataError, match=r"not found\. Did you mean 'mnist_sample'"):
        sources.load("mnist_smaple")


@pytest.mark.parametrize(
    "name",
    ["digits", "no/such/folder", "none.npz", "~nosuchuser/mnist.npz", "x" * 300, "nul\0byte"],
    ids=["no dataset", "no folder", "no file", "no such user", "too long for a file", "a zero byte"],
)
def test_an_unknown_name_is_refused_and_the_datasets_are_listed(name: str) -> None:
    with pytest.raises(DataError, match="mnist, mnist_sample, fashion_mnist"):
        sources.load(name)


@pytest.fixture
def locked() -> Iterator[Path]:
    """A folder that this process may not look into, though it be run by root."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with tempfile.TemporaryDirectory() as outer:
        Path(outer).chmod(0o755)
        folder = idx_folder(Path(outer, "locked"), {"train": TRAIN, "t10k": TEST})
        npz_file(folder / "mine.npz", TRAIN, TEST)
        folder.chmod(0)
        if root:
            os.seteuid(NOBODY)
        try:
            yield folder
        finally:
            if root:
                os.seteuid(0)
            folder.chmod(0o755)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such folders")
@pytest.mark.parametrize("inside", ["", "mine.npz"], ids=["the folder", "a file in it"])
@pytest.mark.parametrize("variable", [False, True], ids=["named", "in MNIST_DATA"])
def test_a_folder_without_permission_is_reported(
    locked: Path, inside: str, variable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = locked / inside
    if variable:
        monkeypatch.setenv("MNIST_DATA", str(path))
    with pytest.raises(DataError, match="Permission denied") as refused:
        sources.load("mnist" if variable else str(path))
    assert str(path) in str(refused.value)
    assert ("MNIST_DATA" in str(refused.value)) == variable


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such folders")
@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_a_cache_without_permission_is_reported(locked: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_HOME", str(locked))
    with pytest.raises(DataError, match=r"locked.*Permission denied"):
        sources.load(name)


def no_home() -> Path:
    raise RuntimeError("Could not determine home directory.")


@pytest.mark.parametrize(("name", "status"), [("mnist", 1), ("mnist_sample", 0)])
def test_without_a_home_folder_the_sample_works_and_the_rest_is_reported(
    name: str, status: int, mnist: Mnist, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setattr(Path, "home", no_home)
    result = mnist("data", name)
    assert result.status == status
    assert ("Set KERAS_HOME" in result.err) == (status == 1)


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "digits.csv").write_text("0,1,2")
    with pytest.raises(DataError, match=r"digits\.csv: expected a \.npz file or a folder of IDX files"):
        sources.load(str(tmp_path / "digits.csv"))


# mnist


@pytest.mark.parametrize("kind", ["npz", "idx"])
@pytest.mark.usefixtures("_offline")
def test_mnist_lies_where_mnist_data_says(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    npz_file(cache / "mnist.npz", noise(5), noise(5))
    path = tmp_path / "mine.npz"
    if kind == "npz":
        npz_file(path, TRAIN, TEST)
    else:
        idx_folder(path, {"train": TRAIN, "t10k": TEST}, "images.idx3-ubyte.gz")
    monkeypatch.setenv("MNIST_DATA", str(path))
    source = sources.load("mnist")
    assert (source.name, source.origin) == ("mnist", str(path))
    assert same(source.splits["train"], TRAIN)


def sha256_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.mark.usefixtures("_offline")
def test_mnist_is_read_from_the_cache_of_keras(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npz_file(cache / "mnist.npz", TRAIN, TEST)
    monkeypatch.setattr(sources, "MNIST_SHA256", sha256_of(cache / "mnist.npz"))
    source = sources.load("mnist")
    assert (source.name, source.origin) == ("mnist", str(cache / "mnist.npz"))
    assert same(source.splits["test"], TEST)


def test_without_keras_home_the_cache_is_below_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert sources.cache() == tmp_path / ".keras" / "datasets"


def nothing(path: Path) -> None:
    """Nothing lies there."""


def empty_folder(path: Path) -> None:
    path.mkdir()


def text(path: Path) -> None:
    path.write_text("digits")


def other_images(path: Path) -> None:
    npz_file(path, TRAIN, TEST)


def damaged(path: Path) -> None:
    path.write_bytes(npz_file(path, TRAIN, TEST).read_bytes()[:-40])


@pytest.mark.parametrize(
    ("name", "make"),
    [("none.npz", nothing), ("folder", empty_folder), ("notes.txt", text), ("damaged.npz", damaged)],
    ids=["nothing there", "an empty folder", "a text", "a damaged file"],
)
@pytest.mark.usefixtures("_offline")
def test_a_wrong_mnist_data_is_reported_with_its_name_and_nothing_else_is_used(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, name: str, make: Any
) -> None:
    npz_file(cache / "mnist.npz", TRAIN, TEST)
    make(tmp_path / name)
    monkeypatch.setenv("MNIST_DATA", str(tmp_path / name))
    with pytest.raises(DataError, match="MNIST_DATA") as refused:
        sources.load("mnist")
    assert name in str(refused.value)


@pytest.mark.usefixtures("_offline")
def test_mnist_data_speaks_of_mnist_alone(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNIST_DATA", str(npz_file(tmp_path / "mnist.npz", TRAIN, TEST)))
    with pytest.raises(DataError, match="fashion_mnist: not found at "):
        sources.load("fashion_mnist")


@pytest.mark.usefixtures("_offline")
def test_without_network_what_was_tried_and_how_to_continue_is_reported(cache: Path) -> None:
    with pytest.raises(DataError) as refused:
        sources.load("mnist")
    message = str(refused.value)
    for part in (
        f"mnist: not found at {cache / 'mnist.npz'}", f"cannot download {sources.HOST}/mnist.npz", "refused",
        "--data mnist_sample", "MNIST_DATA", "--data PATH",
    ):  # fmt: skip
        assert part in message
    assert list(cache.iterdir()) == []


@pytest.mark.usefixtures("_offline")
def test_without_network_clothes_are_not_looked_for_under_mnist_data(cache: Path) -> None:
    with pytest.raises(DataError) as refused:
        sources.load("fashion_mnist")
    assert "--data mnist_sample" in str(refused.value)
    assert "MNIST_DATA" not in str(refused.value)


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
@pytest.mark.usefixtures("_offline", "cache")
def test_the_advice_is_what_the_command_takes(name: str, mnist: Mnist) -> None:
    training = mnist("train", "--config", "baseline", "--data", name).err
    assert "--data mnist_sample" in training
    assert "mnist data" not in training
    shown = mnist("data", name).err
    assert "images that come with this package: mnist data mnist_sample" in shown
    assert "name the file or folder: mnist data PATH" in shown
    assert "--data" not in shown


@pytest.mark.usefixtures("_offline", "cache")
def test_resuming_takes_no_other_data_so_none_are_advised(mnist: Mnist, loaded: LoadedConfig) -> None:
    new_run(loaded, Path("begun"))  # left as by a kill
    message = mnist("train", "--resume", "begun").err
    assert "mnist: not found at " in message
    assert "set MNIST_DATA" in message
    assert "--data" not in message


def test_mnist_is_downloaded_once(cache: Path, served: tuple[Path, list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    folder, requests = served
    content = npz_file(folder / "mnist.npz", TRAIN, TEST).read_bytes()
    monkeypatch.setattr(sources, "MNIST_SHA256", hashlib.sha256(content).hexdigest())
    for _ in range(2):
        assert same(sources.load("mnist").splits["train"], TRAIN)
    assert len(requests) == 1
    assert (cache / "mnist.npz").read_bytes() == content


def test_another_file_in_the_place_of_mnist_is_refused(cache: Path, served: tuple[Path, list[str]]) -> None:
    npz_file(served[0] / "mnist.npz", TRAIN, TEST)
    with pytest.raises(DataError, match=f"expected SHA-256 {sources.MNIST_SHA256}"):
        sources.load("mnist")
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize("make", [damaged, text, other_images], ids=["damaged", "a text", "other images"])
@pytest.mark.usefixtures("_offline")
def test_a_file_in_the_cache_that_is_not_the_one_of_mnist_is_refused_each_time(cache: Path, make: Any) -> None:
    make(cache / "mnist.npz")
    for _ in range(2):
        with pytest.raises(DataError) as refused:
            sources.load("mnist")
        assert f"{cache / 'mnist.npz'}: this file is damaged, or another: expected SHA-256" in str(refused.value)
        assert "Delete it; this downloads it again: mnist data mnist" in str(refused.value)


# fashion_mnist


@pytest.fixture
def clothes(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of fashion_mnist in the cache, with files whose hashes are accepted."""
    folder = idx_folder(cache / "fashion-mnist", {"train": TRAIN, "t10k": TEST}, "images-idx3-ubyte.gz")
    monkeypatch.setattr(sources, "FASHION_MNIST_SHA256", {file.name: sha256_of(file) for file in folder.iterdir()})
    return folder


@pytest.mark.parametrize("name", sources.FASHION_MNIST_SHA256)
@pytest.mark.usefixtures("_offline")
def test_a_file_in_the_cache_that_is_not_the_one_of_fashion_mnist_is_refused(clothes: Path, name: str) -> None:
    content = gzip.compress(gzip.decompress((clothes / name).read_bytes())[:-1] + b"\x01")
    (clothes / name).write_bytes(content)
    with pytest.raises(DataError, match=f"{re.escape(name)}: this file is damaged.*mnist data fashion_mnist"):
        sources.load("fashion_mnist")


@pytest.mark.usefixtures("_offline")
def test_a_file_beside_those_of_fashion_mnist_is_not_read(clothes: Path) -> None:
    (clothes / "train-images-idx3-ubyte").write_bytes(idx_bytes(noise(4, seed=9).images))
    assert same(sources.load("fashion_mnist").splits["train"], TRAIN)


def test_only_the_missing_files_of_fashion_mnist_are_downloaded(
    cache: Path, served: tuple[Path, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    host, requests = served
    idx_folder(host, {"train": TRAIN, "t10k": TEST}, "images-idx3-ubyte.gz")
    digests = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in host.iterdir()}
    assert digests.keys() == sources.FASHION_MNIST_SHA256.keys()
    monkeypatch.setattr(sources, "FASHION_MNIST_SHA256", digests)
    (cache / "fashion-mnist").mkdir()
    for file in host.glob("train-*"):
        shutil.copy(file, cache / "fashion-mnist")
    source = sources.load("fashion_mnist")
    assert (source.name, source.origin) == ("fashion_mnist", str(cache / "fashion-mnist"))
    assert same(source.splits["train"], TRAIN)
    assert same(source.splits["test"], TEST)
    assert sorted(requests) == ["/t10k-images-idx3-ubyte.gz", "/t10k-labels-idx1-ubyte.gz"]


# mnist_sample


@pytest.fixture(scope="module")
def sample() -> sources.Source:
    return sources.load("mnist_sample")


@pytest.mark.parametrize(("part", "each"), [("train", 400), ("test", 100)])
def test_the_sample_holds_every_digit_equally_often(sample: sources.Source, part: str, each: int) -> None:
    assert np.bincount(sample.splits[part].labels).tolist() == [each] * 10
    assert sample.splits[part].images.shape == (10 * each, 28, 28)


def test_the_sample_is_always_the_same(sample: sources.Source) -> None:
    assert sample.sha256 == SAMPLE_SHA256


def test_no_image_of_the_sample_is_in_both_parts(sample: sources.Source) -> None:
    train, test = ({image.tobytes() for image in sample.splits[part].images} for part in ("train", "test"))
    assert len(train) == 4000
    assert len(test) == 1000
    assert not train & test


@given(start=st.integers(0, 999), length=st.integers(1, 999))
@settings(deadline=None)
def test_any_stretch_of_the_sample_holds_all_digits_evenly(sample: sources.Source, start: int, length: int) -> None:
    for part in sample.splits.values():
        counts = np.bincount(part[start : start + length].labels, minlength=10)
        assert counts.max() - counts.min() <= 1


def test_the_images_of_the_sample_show_their_labels(sample: sources.Source) -> None:
    """For most test images, the nearest mean training image is that of their label."""
    train, test = sample.splits["train"], sample.splits["test"]
    means = np.stack([train.images[train.labels == digit].mean(axis=0) for digit in range(10)])
    distances = ((test.images[:, None] - means) ** 2).sum(axis=(2, 3))
    assert (distances.argmin(axis=1) == test.labels).mean() > 0.75


@pytest.mark.parametrize("make", [nothing, damaged], ids=["missing", "damaged"])
def test_a_sample_that_is_missing_or_damaged_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Any
) -> None:
    make(tmp_path / "mnist_sample.npz")
    monkeypatch.setattr(sources, "SAMPLE", tmp_path / "mnist_sample.npz")
    with pytest.raises(DataError, match=r"mnist_sample\.npz.*Install mnist-pipeline again"):
        sources.load("mnist_sample")


def test_the_sample_is_read_from_the_package_and_nothing_is_written(cache: Path, sample: sources.Source) -> None:
    assert sources.load("mnist_sample").origin == "mnist_pipeline"
    assert list(cache.iterdir()) == []
    assert {file.name for file in sources.SAMPLE.parent.iterdir()} == {"mnist_sample.npz", "LICENSE"}
