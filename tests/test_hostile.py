"""Malicious small files are refused in a line, within the memory of SECURITY.md."""

import gzip
import io
import json
import shutil
import struct
import subprocess
import sys
import tempfile
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

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is read from the system")

# MiB of the whole process, as SECURITY.md has them.
MOST = {"check": 128, "data": 256, "predict": 1024, "runs": 128}


# Runs commands; after what each writes to stderr come its exit status and the most memory that the process took so far.
# VmHWM, because the ru_maxrss of a child begins with that of the process that forked it.
PROGRAM = """
import json, re, sys
from pathlib import Path
from mnist_pipeline.cli.main import main
for command in json.loads(Path(sys.argv[1]).read_text()):
    try:
        main(command)
    except SystemExit as end:
        status = int(end.code or 0)
    peak = re.search("VmHWM:[^0-9]*([0-9]+)", Path("/proc/self/status").read_text())[1]
    sys.stdout.flush()
    print(f"\\0{status} {peak}\\0", file=sys.stderr, flush=True)
"""


@dataclass(frozen=True)
class CommandResult:
    """How a command ended."""

    status: int
    stderr: str
    mebibytes: float


def run_commands(*commands: list[str], folder: Path) -> list[CommandResult]:
    """How each of `commands` of `mnist` ends, one after another in one process."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(commands, file)
        file.flush()
        process = subprocess.run(
            [sys.executable, "-c", PROGRAM, file.name],
            cwd=folder, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
    *parts, rest = process.stderr.split("\0")
    assert len(parts) == 2 * len(commands), process.stderr
    assert rest.strip() == ""
    numbers = [end.split() for end in parts[1::2]]
    return [
        CommandResult(int(status), text, int(kibibytes) / 1024)
        for text, (status, kibibytes) in zip(parts[::2], numbers, strict=True)
    ]


def refusals(*commands: list[str], folder: Path) -> list[str]:
    """The messages of `mnist` for `commands`, all of which it refuses.

    None takes more memory than it may.
    """
    results = run_commands(*commands, folder=folder)
    for result, command in zip(results, commands, strict=True):
        assert result.status == 1, (command, result.stderr)
        assert "Traceback" not in result.stderr, command
        assert result.mebibytes < MOST[command[0]], command
    return [result.stderr for result in results]


def aliases() -> str:
    """Nine levels of ten: a thousand million."""
    levels = [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 10)]
    return "\n".join(["a0: &a0 [x, x]", *levels])


CONFIGS = {
    "aliases of aliases": aliases(),
    "deep": "[" * 2**17,
    "deep mappings": "{a: " * 2**15,
    "long": "- a\n" * 2**15,
    "a long number": "a: " + "9" * 2**16,
    "keys of keys": "? " * 2**16,
    "code": "a: !!python/object/apply:os.system [touch here]",
    "contains itself": "&a [*a]",
    "more than 128 KiB": "x" * (2**17 + 1),
}


def test_configs_are_refused(tmp_path: Path) -> None:
    files = {name: tmp_path / f"{name}.yaml" for name in CONFIGS}
    for name, file in files.items():
        file.write_text(CONFIGS[name])
    messages = refusals(*(["check", "--config", str(file)] for file in files.values()), folder=tmp_path)
    assert [name for name, text in zip(files, messages, strict=True) if f"{name}.yaml" not in text] == []
    assert set(tmp_path.iterdir()) == set(files.values())


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


ONE = npy("(1,)", b"1")
ARCHIVES: dict[str, bytes] = {
    "declares much": npz(x_train=npy("(4000000000, 28, 28)"), y_train=ONE),
    "lies about its size": lying(npz(x_train=npy("(2000000, 28, 28)")), 1_568_000_128),
    "objects": npz(x_train=npy("(1, 28, 28)", b"", "|O"), y_train=ONE),
    "negative": npz(x_train=npy("(-1, 28, 28)"), y_train=ONE),
    "many dimensions": npz(x_train=npy("(" + "1, " * 9000 + ")"), y_train=ONE),
    "unpacks": npz(x_train=npy("(100000000,)", bytes(100_000_000)), y_train=ONE),
    "leads out": npz(**{"../x_train": npy("(1, 28, 28)", bytes(784)), "/y_train": ONE}),
}
IMAGE_FILES: dict[str, bytes] = {
    "declares much": struct.pack(">BBBBIII", 0, 0, 8, 3, 2_000_000, 28, 28),
    "declares more than there can be": struct.pack(">BBBBIII", 0, 0, 8, 3, 2**31, 2**31, 2**31),
    "does not end": idx_bytes(noise(3).images) + bytes(200_000_000),
}


def test_data_are_refused(tmp_path: Path) -> None:
    sources = {}
    for name, content in ARCHIVES.items():
        sources[tmp_path / f"{name}.npz"] = f"{name}.npz"
        (tmp_path / f"{name}.npz").write_bytes(content)
    for name, content in IMAGE_FILES.items():
        folder = tmp_path / name
        folder.mkdir()
        sources[folder] = "train-images-idx3-ubyte.gz"
        (folder / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(content, 1))
        (folder / "train-labels-idx1-ubyte").write_bytes(idx_bytes(noise(3).labels))
    messages = refusals(*(["data", str(source)] for source in sources), folder=tmp_path)
    assert [source for (source, file), text in zip(sources.items(), messages, strict=True) if file not in text] == []
    assert set(tmp_path.iterdir()) == set(sources)


def png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of gray pixels with these chunks after its header."""

    def packed(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = packed(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(packed(*chunk) for chunk in chunks) + packed(b"IEND", b"")


def image_bytes(mode: str, kind: str, side: int = 8000) -> bytes:
    """An empty image, as large as one may be."""
    content = io.BytesIO()
    Image.new(mode, (side, side)).save(content, kind, **({"compress_level": 1} if kind == "PNG" else {}))
    return content.getvalue()


TEXT = b"Comment\0\0" + zlib.compress(bytes(2**27), 1)
IMAGES: dict[str, Callable[[], bytes]] = {
    "declares much": lambda: png(60_000, 60_000, (b"IDAT", zlib.compress(bytes(1000)))),
    "is cut off": lambda: png(7_000, 7_000, (b"IDAT", zlib.compress(bytes(1000)))),
    "long comment": lambda: png(28, 28, (b"zTXt", TEXT), (b"IDAT", zlib.compress(bytes(29 * 28)))),
    "colors": lambda: image_bytes("RGBA", "PNG"),
    "16 bits": lambda: image_bytes("I;16", "PNG"),
    "palette": lambda: image_bytes("P", "GIF"),
    "black and white": lambda: image_bytes("1", "TIFF"),
}


def test_images_are_refused(tmp_path: Path, trained: Path) -> None:
    for name, content in IMAGES.items():
        (tmp_path / name).write_bytes(content())
    messages = refusals(*(["predict", name, "--run", str(trained)] for name in IMAGES), folder=tmp_path)
    assert [name for name, text in zip(IMAGES, messages, strict=True) if name not in text] == []


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
    """A model inside another whose outputs take 4.5 GB for an image."""
    from mnist_pipeline.framework import keras

    layers, start, inner = keras.layers, keras.Input((28, 28)), keras.Input((28, 28, 1))
    larger = keras.Model(inner, layers.GlobalMaxPooling2D()(layers.UpSampling2D(1200)(inner)))
    keras.Model(start, layers.Dense(10)(larger(layers.Reshape((28, 28, 1))(start)))).save(file)


MODELS: dict[str, Callable[[Path], object]] = {
    "a model inside a model": nested,
    "unpacks": other_kernel(shape=(25 * 10**7,), chunks=(10**6,), compression="gzip"),
    "was never written": other_kernel(shape=(25 * 10**7,)),
    "zeros": zeros,
    "a long list": lambda file: described_anew(file, '"scale": 0.00392156862745098', f'"scale": {[0.5] * 200_000}'),
}


def test_keras_models_are_refused(tmp_path: Path, trained: Path) -> None:
    Image.fromarray(noise(1).images[0]).save(tmp_path / "digit.png")
    for name, spoil in MODELS.items():
        folder = Path(shutil.copytree(trained, tmp_path / name))
        spoil(folder / "model.keras")
        record = json.loads((folder / "run.json").read_text())
        del record["sha256"]
        (folder / "run.json").write_text(json.dumps(record))
    commands = (["predict", "digit.png", "--run", str(tmp_path / name), "--runtime", "keras"] for name in MODELS)
    messages = refusals(*commands, folder=tmp_path)
    assert [name for name, text in zip(MODELS, messages, strict=True) if f"{name}/model.keras" not in text] == []


def test_a_record_that_is_very_large(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "stranger"
    folder.mkdir(parents=True)
    with (folder / "run.json").open("wb") as file:
        file.truncate(2**40)
    [result] = run_commands(["runs"], folder=tmp_path)
    assert (result.status, result.mebibytes < MOST["runs"]) == (0, True)


def test_a_run_whose_files_are_links(tmp_path: Path, trained: Path) -> None:
    folder = tmp_path / "stranger"
    folder.mkdir()
    for file in trained.iterdir():
        (folder / file.name).symlink_to(file)
    Image.fromarray(noise(1).images[0]).save(tmp_path / "digit.png")
    [message] = refusals(["predict", "digit.png", "--run", str(folder)], folder=tmp_path)
    assert "is a link" in message


def test_what_is_as_large_as_it_may_be_is_read(tmp_path: Path) -> None:
    """So that the limits above are not those of a command that reads nothing."""
    images = np.zeros((60_000, 28, 28), np.uint8)
    np.savez_compressed(tmp_path / "data.npz", x_train=images, y_train=np.arange(60_000, dtype=np.uint8) % 10)
    [result] = run_commands(["data", "data.npz"], folder=tmp_path)
    assert result.status == 0, result.stderr


def drawn(side: int = 2400) -> bytes:
    page = Image.new("L", (side, side), 255)
    page.paste(0, (side // 2, side // 4, side // 2 + side // 10, side * 3 // 4))
    content = io.BytesIO()
    page.save(content, "PNG", compress_level=1)
    return content.getvalue()


def test_memory_does_not_grow_with_the_number_of_images(tmp_path: Path, trained: Path) -> None:
    blank = image_bytes("L", "PNG", 2400)
    contents = {"none": np.random.default_rng(0).bytes(2**22), "blank": blank, "cut": blank[:-500], "good": drawn()}
    peaks = []
    for count in (1, 16):
        folder = tmp_path / str(count)
        folder.mkdir()
        for name, content in contents.items():
            for number in range(count):
                (folder / f"{name} {number:02}.png").write_bytes(content)
        [result] = run_commands(["predict", str(folder), "--run", str(trained)], folder=tmp_path)
        assert (result.status, result.stderr.count("Error: ")) == (1, 3 * count)
        peaks.append(result.mebibytes)
    assert peaks[1] - peaks[0] < 16
