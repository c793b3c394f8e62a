"""Damages valid inputs in thousands of ways, and lets the commands read them.

`make fuzz` tries 2,000 of each kind; `python -m tests.fuzz image,exif 50 runs/smoke` fifty of each of two kinds. Each
command has to exit with 0 or 1 and a message, and all of a kind may take no more memory than the valid inputs and
MAX_MEMORY.
"""

import contextlib
import gzip
import io
import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, PngImagePlugin, TiffImagePlugin

from mnist_pipeline.cli.main import main
from mnist_pipeline.config import presets
from mnist_pipeline.files import sha256
from mnist_pipeline.models.untrusted.keras_weights import WEIGHTS
from mnist_pipeline.run.files import METRICS, MODEL, RECORD, TFLITE
from tests.helpers import idx_bytes, noise, npz_file

MAX_MEMORY = 64  # MiB
COUNT = 2_000
NUMBERS = [bytes([0]), bytes([255]) * 4, b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x80" + bytes(3), bytes(8)]
WORDS = [
    "&a [*a, *a]", "*b", "!!python/object/apply:os.system [id]", "<<: *a", "{", "]", "- ", ": ", "\t", "|", ">-", "---",
    ".inf", ".nan", "1e999", "-1", "99999999999999999999", "0x7fffffff", "null", "~", "yes", '"', "'", "#", "\u202e",
    "Lambda", "Dense: {units: 1000000000}", "? a", "0", "\ufeff", "[" * 200, "{a: " * 200,
    "\t", "\n\t", "\xa0", "\xa0\xa0", "\x85", "\u2028", "\u2029", "\u200b", "\u3000", "e\u0301", "\U0001f44d",
    "\U000f0000", r'"\ud83d\udc4d"', r'"\ud83d"', r'"C:\Users"', "&\u00e9 a", "\r", "\x7f", "\x0b", "\u624b",
]  # fmt: skip

Valid = list[tuple[str, bytes]]  # names of files, and what is in them


@dataclass(frozen=True)
class Kind:
    """A kind of input: how to make valid files, and the command that reads one."""

    valid: Callable[[], Valid]
    command: Callable[[Path], list[str]]
    words: bool = False  # whether it is text
    write: Callable[[Path, bytes], object] = Path.write_bytes


@dataclass(frozen=True)
class Outcome:
    """Numbers of accepted and refused inputs, other failures, and memory.

    Memory is in MiB beyond that of the valid inputs.
    """

    accepted: int
    refused: int
    failures: list[str]
    memory: float


def fuzz(name: str, number: int, trained: Path) -> Outcome:
    """Outcome of the command for `number` damaged inputs, the same each time.

    `trained`: a run of the preset `smoke`.
    """
    kind, rng = KINDS[name], random.Random(0)  # noqa: S311, nothing here is secret
    statuses: list[int] = []
    failures: list[str] = []
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        shutil.copytree(trained, "run")
        Image.fromarray(noise(1).images[0]).save("digit.png")
        valid = kind.valid()
        for file, content in valid:
            _read(kind, Path(file), content)
        before = _peak()
        for count in range(number):
            file, content = rng.choice(valid)
            damaged = _damaged(content, rng, rng.choice(valid)[1], kind.words)
            try:
                statuses.append(_read(kind, Path(file), damaged))
            except Exception as error:
                failures.append(f"{name} {count}: {type(error).__name__}: {error}")
        return Outcome(statuses.count(0), statuses.count(1), failures, _peak() - before)


def _make_hashes_fit(folder: Path) -> None:
    """As a stranger would: a damaged file whose hash does not fit is not even read."""
    record = folder / RECORD
    content = json.loads(record.read_bytes())
    content["sha256"] = {name: sha256(folder / name) for name in content["sha256"]}
    record.write_text(json.dumps(content))


def _read(kind: Kind, file: Path, content: bytes) -> int:
    """The exit status of the command on `content`, in this process."""
    kind.write(file, content)
    if file.parent == Path("run") and file.name != RECORD:
        _make_hashes_fit(file.parent)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as stderr:
        try:
            main(kind.command(file))
        except SystemExit as ended:
            status = int(ended.code or 0)
    if status not in (0, 1):
        raise RuntimeError(f"exit status {status}: {stderr.getvalue()}")
    return status


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _damaged(content: bytes, rng: random.Random, other: bytes, words: bool) -> bytes:
    """`content` with one to eight changes; some are taken from `other`."""
    damaged = bytearray(content)
    for _ in range(rng.choice([1, 1, 2, 4, 8])):
        start = rng.randrange(len(damaged) + 1)
        end = start + rng.choice([0, 1, 4, rng.randrange(1, 200)])
        cut = rng.randrange(len(other) + 1)
        damaged[start:end] = rng.choice([
            rng.choice(WORDS).encode() if words else rng.choice(NUMBERS),
            rng.randbytes(1 if words else rng.randrange(1, 9)),
            other[cut : cut + rng.randrange(1, 200)],
            b"",
        ])  # fmt: skip
        if rng.random() < 0.05:
            del damaged[start:]
    return bytes(damaged)


# Valid inputs


def _configs() -> Valid:
    return [("config.yaml", file.read_bytes()) for file in sorted(presets.folder().glob("*.yaml"))]


def _npz() -> Valid:
    return [("data.npz", npz_file(Path("data.npz"), noise(20), noise(10)).read_bytes())]


def _idx(suffix: str, pack: Callable[[bytes], bytes]) -> Valid:
    Path("idx").mkdir()
    Path("idx", "train-labels-idx1-ubyte").write_bytes(idx_bytes(noise(20).labels))
    return [(f"idx/train-images-idx3-ubyte{suffix}", pack(idx_bytes(noise(20).images)))]


def _images() -> Valid:
    page = Image.fromarray(255 - noise(1).images[0]).resize((60, 40))
    modes = {
        "PNG": ("L", "RGB", "P"), "JPEG": ("L", "RGB"), "BMP": ("L", "RGB", "P"), "GIF": ("L", "P"),
        "TIFF": ("L", "RGB", "P"), "WEBP": ("RGB",), "PPM": ("L", "RGB"),
    }  # fmt: skip
    return [_image(page.convert(mode), kind) for kind in modes for mode in modes[kind]]


def _images_of_more_bits() -> Valid:
    """Images of 16 and 32 bits and of floats, with tags that state white."""
    page = 255.0 - noise(1).images[0].repeat(2, axis=1)
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[340], tags[341] = 100, 60_000  # SMinSampleValue, SMaxSampleValue
    sixteen, wide, real = (Image.fromarray(page.astype(kind)) for kind in (np.uint16, np.int32, np.float32))
    return [
        *(_image(sixteen, kind) for kind in ("PNG", "TIFF", "PPM", "JPEG2000")),
        *(_image(image, "TIFF", tiffinfo=tags) for image in (sixteen, wide, real)),
        *(_image(image, "TIFF", compression="tiff_lzw") for image in (sixteen, real)),
    ]


def _exif() -> Valid:
    """Photographs with an orientation in EXIF or XMP."""
    page = Image.fromarray(255 - noise(1).images[0]).resize((60, 40))
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "camera"
    xmp = PngImagePlugin.PngInfo()
    xmp.add_itxt("XML:com.adobe.xmp", '<x tiff:Orientation="8"/>')
    kinds = ("PNG", "JPEG", "WEBP", "TIFF", "AVIF")
    return [*(_image(page, kind, exif=exif) for kind in kinds), _image(page, "PNG", pnginfo=xmp)]


def _image(image: Image.Image, kind: str, **options: Any) -> tuple[str, bytes]:
    content = io.BytesIO()
    image.save(content, kind, **options)
    return f"image.{kind.lower()}", content.getvalue()


def _of_a_run(name: str) -> Valid:
    return [(f"run/{name}", Path("run", name).read_bytes())]


def _weights() -> Valid:
    with zipfile.ZipFile(Path("run", MODEL)) as archive:
        return [(f"run/{MODEL}", archive.read(WEIGHTS))]


def _into_model(file: Path, weights: bytes) -> None:
    """Put `weights` into the Keras model `file`, with a CRC that fits."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in (members | {WEIGHTS: weights}).items():
            archive.writestr(name, content)


PREDICT = ["predict", "digit.png", "--run", "run"]
KINDS: dict[str, Kind] = {
    "config": Kind(_configs, lambda file: ["check", "--config", str(file)], words=True),
    "npz": Kind(_npz, lambda file: ["data", str(file)]),
    "idx": Kind(lambda: _idx("", bytes), lambda file: ["data", str(file.parent)]),
    "gzip": Kind(lambda: _idx(".gz", gzip.compress), lambda file: ["data", str(file.parent)]),
    "image": Kind(_images, lambda file: ["predict", str(file), "--run", "run"]),
    "bit_depth": Kind(_images_of_more_bits, lambda file: ["predict", str(file), "--run", "run"]),
    "exif": Kind(_exif, lambda file: ["predict", str(file), "--run", "run"]),
    "tflite": Kind(lambda: _of_a_run(TFLITE), lambda _: PREDICT),
    "keras": Kind(lambda: _of_a_run(MODEL), lambda _: [*PREDICT, "--runtime", "keras"]),
    "hdf5": Kind(_weights, lambda _: [*PREDICT, "--runtime", "keras"], write=_into_model),
    "record": Kind(lambda: _of_a_run(RECORD), lambda _: ["verify", "run"], words=True),
    "metrics": Kind(lambda: _of_a_run(METRICS), lambda _: ["verify", "run"], words=True),
}


def _one(name: str, number: int, trained: Path) -> bool:
    """Print the outcome of one kind; whether all is well."""
    outcome = fuzz(name, number, trained)
    within_memory = outcome.memory <= MAX_MEMORY
    print(
        f"{name}: {number:,} damaged, {outcome.accepted:,} accepted, {outcome.refused:,} refused, "
        f"{len(outcome.failures):,} failed, {outcome.memory:.0f} MiB{'' if within_memory else ', TOO MUCH'}",
        *outcome.failures, sep="\n", flush=True,
    )  # fmt: skip
    return within_memory and not outcome.failures


def _all() -> bool:
    """Each kind in a process of its own, so that its memory is its own."""
    with tempfile.TemporaryDirectory() as folder:
        run = str(Path(folder, "run"))
        train = [sys.executable, "-m", "mnist_pipeline", "train", "--config", "smoke", "--run-dir", run]
        subprocess.run(train, check=True, capture_output=True)
        each = [
            subprocess.run([sys.executable, "-m", "tests.fuzz", name, str(COUNT), run], check=False) for name in KINDS
        ]
    return not any(ended.returncode for ended in each)


if __name__ == "__main__":
    if sys.argv[1:]:
        kinds, number, run = sys.argv[1:]
        passed = [_one(kind, int(number), Path(run)) for kind in kinds.split(",")]
        sys.exit(not all(passed))
    sys.exit(not _all())
