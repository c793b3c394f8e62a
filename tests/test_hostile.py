"""Small files made to hurt: each is refused in a line, and none takes more memory than SECURITY.md states."""

import gzip
import io
import json
import shutil
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.helpers import described_anew, idx_bytes, noise, with_weights

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is asked of the system")

# MiB of the whole process, as SECURITY.md has them.
MOST = {"check": 128, "data": 256, "predict": 1024, "runs": 128}


# A child's ru_maxrss begins with that of the process that forked it; VmHWM is its own.
PROGRAM = """
import re, sys
from pathlib import Path
from mnist_pipeline.cli.main import main
try:
    main(sys.argv[1:])
finally:
    print(re.search("VmHWM:.*", Path("/proc/self/status").read_text()).group(), file=sys.stderr)
"""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    said: str
    mebibytes: float


def ended(*command: str, folder: Path) -> Ended:
    """How `mnist` ends in `folder`."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *command], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    said, _, kibibytes = done.stderr.rpartition("VmHWM:")
    return Ended(done.returncode, done.stdout + said, int(kibibytes.split()[0]) / 1024)


def refused(*command: str, folder: Path) -> str:
    """What `mnist` says when it refuses."""
    end = ended(*command, folder=folder)
    assert end.status == 1, end.said
    assert "Traceback" not in end.said
    assert end.mebibytes < MOST[command[0]]
    return end.said


def aliases() -> str:
    """Nine levels of ten: a thousand million."""
    levels = [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 10)]
    return "\n".join(["a0: &a0 [x, x]", *levels])


@pytest.mark.parametrize("text", [
    pytest.param(aliases(), id="aliases of aliases"),
    pytest.param("[" * 2**17, id="deep"),
    pytest.param("{a: " * 2**15, id="deep mappings"),
    pytest.param("- a\n" * 2**15, id="long"),
    pytest.param("a: " + "9" * 2**16, id="a long number"),
    pytest.param("? " * 2**16, id="keys of keys"),
    pytest.param("a: !!python/object/apply:os.system [touch here]", id="code"),
    pytest.param("&a [*a]", id="holds itself"),
    pytest.param("x" * (2**17 + 1), id="more than 128 KiB"),
])  # fmt: skip
def test_a_config(text: str, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(text)
    assert "config.yaml" in refused("check", "--config", "config.yaml", folder=tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["config.yaml"]


def npy(shape: str, content: bytes = b"", dtype: str = "|u1") -> bytes:
    head = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + content


def npz(**members: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in members.items():
            archive.writestr(f"{name}.npy", member)
    return content.getvalue()


def lying(content: bytes, size: int) -> bytes:
    """The archive, whose directory says that its one member has `size` bytes."""
    place = content.index(b"PK\x01\x02") + 24
    return content[:place] + struct.pack("<I", size) + content[place + 4 :]


@pytest.mark.parametrize("content", [
    pytest.param(npz(x_train=npy("(4000000000, 28, 28)"), y_train=npy("(1,)", b"1")), id="announces much"),
    pytest.param(lying(npz(x_train=npy("(2000000, 28, 28)")), 1_568_000_128), id="lies about its size"),
    pytest.param(npz(x_train=npy("(1, 28, 28)", b"", "|O"), y_train=npy("(1,)", b"1")), id="holds objects"),
    pytest.param(npz(x_train=npy("(-1, 28, 28)"), y_train=npy("(1,)", b"1")), id="negative"),
    pytest.param(npz(x_train=npy("(" + "1, " * 9000 + ")"), y_train=npy("(1,)", b"1")), id="many dimensions"),
    pytest.param(npz(x_train=npy("(100000000,)", bytes(100_000_000)), y_train=npy("(1,)", b"1")), id="unpacks"),
    pytest.param(npz(**{"../x_train": npy("(1, 28, 28)", bytes(784)), "/y_train": npy("(1,)", b"1")}), id="leads out"),
])  # fmt: skip
def test_an_npz(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "data.npz").write_bytes(content)
    assert "data.npz" in refused("data", "data.npz", folder=tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["data.npz"]


@pytest.mark.parametrize("content", [
    pytest.param(struct.pack(">BBBBIII", 0, 0, 8, 3, 2_000_000, 28, 28), id="announces much"),
    pytest.param(struct.pack(">BBBBIII", 0, 0, 8, 3, 2**31, 2**31, 2**31), id="announces more than there can be"),
    pytest.param(idx_bytes(noise(3).images) + bytes(200_000_000), id="goes on for ever"),
])  # fmt: skip
def test_a_gzipped_idx_file(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(content, 1))
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx_bytes(noise(3).labels))
    assert "train-images-idx3-ubyte.gz" in refused("data", str(tmp_path), folder=tmp_path)


def png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of grey pixels with these chunks after its header."""

    def packed(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = packed(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(packed(*chunk) for chunk in chunks) + packed(b"IEND", b"")


def picture(mode: str, kind: str, side: int = 8000) -> bytes:
    """An empty one, as large as a picture may be."""
    content = io.BytesIO()
    Image.new(mode, (side, side)).save(content, kind)
    return content.getvalue()


TEXT = b"Comment\0\0" + zlib.compress(bytes(2**27))


@pytest.mark.parametrize("content", [
    pytest.param(lambda: png(60_000, 60_000, (b"IDAT", zlib.compress(bytes(1000)))), id="announces much"),
    pytest.param(lambda: png(7_000, 7_000, (b"IDAT", zlib.compress(bytes(1000)))), id="is cut off"),
    pytest.param(lambda: png(28, 28, (b"zTXt", TEXT), (b"IDAT", zlib.compress(bytes(29 * 28)))), id="long remark"),
    pytest.param(lambda: picture("RGBA", "PNG"), id="colours"),
    pytest.param(lambda: picture("I;16", "PNG"), id="16 bits"),
    pytest.param(lambda: picture("P", "GIF"), id="palette"),
    pytest.param(lambda: picture("1", "TIFF"), id="black and white"),
])  # fmt: skip
def test_a_picture(content: Callable[[], bytes], tmp_path: Path, trained: Path) -> None:
    (tmp_path / "picture").write_bytes(content())
    assert "picture" in refused("predict", "picture", "--run", str(trained), folder=tmp_path)


KERNEL = "layers/dense/vars/0"


def other_kernel(**how: Any) -> Callable[[Path], object]:
    """Another array in the place of the weights of a layer."""

    def edit(weights: Any) -> None:
        del weights[KERNEL]
        weights.create_dataset(KERNEL, dtype="f4", **how)

    return lambda file: with_weights(file, edit)


def zeros(file: Path) -> None:
    """600 MB of them in the place of the weights, in 600 KB."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist() if name.endswith(".json")}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        with archive.open("model.weights.h5", "w") as member:
            for _ in range(600):
                member.write(bytes(1_000_000))


def nested(file: Path) -> None:
    """A model inside another whose values take 4.5 GB for a picture."""
    from mnist_pipeline.framework import keras

    layers, start, inner = keras.layers, keras.Input((28, 28)), keras.Input((28, 28, 1))
    larger = keras.Model(inner, layers.GlobalMaxPooling2D()(layers.UpSampling2D(1200)(inner)))
    keras.Model(start, layers.Dense(10)(larger(layers.Reshape((28, 28, 1))(start)))).save(file)


@pytest.mark.parametrize("spoil", [
    pytest.param(nested, id="a model inside a model"),
    pytest.param(other_kernel(shape=(25 * 10**7,), chunks=(10**6,), compression="gzip"), id="unpacks"),
    pytest.param(other_kernel(shape=(25 * 10**7,)), id="was never written"),
    pytest.param(zeros, id="zeros"),
    pytest.param(lambda file: described_anew(file, '"scale": 0.00392156862745098', f'"scale": {[0.5] * 200_000}'),
                 id="a long list"),
])  # fmt: skip
def test_a_keras_model(spoil: Callable[[Path], object], tmp_path: Path, trained: Path) -> None:
    folder = Path(shutil.copytree(trained, tmp_path / "stranger"))
    spoil(folder / "model.keras")
    record = json.loads((folder / "run.json").read_text())
    del record["sha256"]
    (folder / "run.json").write_text(json.dumps(record))
    Image.fromarray(noise(1).images[0]).save(tmp_path / "digit.png")
    said = refused("predict", "digit.png", "--run", str(folder), "--runtime", "keras", folder=tmp_path)
    assert "model.keras" in said


def test_a_record_that_is_very_large(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "stranger"
    folder.mkdir(parents=True)
    with (folder / "run.json").open("wb") as file:
        file.truncate(2**40)
    end = ended("runs", folder=tmp_path)
    assert (end.status, end.mebibytes < MOST["runs"]) == (0, True)


def test_a_run_whose_files_are_links(tmp_path: Path, trained: Path) -> None:
    folder = tmp_path / "stranger"
    folder.mkdir()
    for file in trained.iterdir():
        (folder / file.name).symlink_to(file)
    Image.fromarray(noise(1).images[0]).save(tmp_path / "digit.png")
    assert "is a link" in refused("predict", "digit.png", "--run", str(folder), folder=tmp_path)


def test_what_is_as_large_as_it_may_be_is_read(tmp_path: Path) -> None:
    """So that the limits above are not those of a command that reads nothing."""
    images = np.zeros((60_000, 28, 28), np.uint8)
    np.savez_compressed(tmp_path / "data.npz", x_train=images, y_train=np.arange(60_000, dtype=np.uint8) % 10)
    end = ended("data", "data.npz", folder=tmp_path)
    assert (end.status, "60,000" in end.said) == (0, True)


def folder_of(folder: Path, content: bytes, count: int) -> Path:
    """`folder` with `count` pictures that hold the same."""
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:02}.png").write_bytes(content)
    return folder


def drawn(side: int = 2400) -> bytes:
    page = Image.new("L", (side, side), 255)
    page.paste(0, (side // 2, side // 4, side // 2 + side // 10, side * 3 // 4))
    content = io.BytesIO()
    page.save(content, "PNG")
    return content.getvalue()


@pytest.mark.parametrize("content", [
    pytest.param(lambda: np.random.default_rng(0).bytes(2**22), id="no picture"),
    pytest.param(lambda: picture("L", "PNG", 2400), id="blank"),
    pytest.param(lambda: picture("L", "PNG", 2400)[:-500], id="cut off"),
    pytest.param(drawn, id="good"),
])  # fmt: skip
def test_memory_does_not_grow_with_the_number_of_pictures(
    content: Callable[[], bytes], tmp_path: Path, trained: Path
) -> None:
    one, several = (folder_of(tmp_path / str(count), content(), count) for count in (1, 16))
    few, many = (ended("predict", str(each), "--run", str(trained), folder=tmp_path) for each in (one, several))
    assert few.status == many.status
    assert many.said.count("15.png") == 1
    assert many.mebibytes - few.mebibytes < 16
