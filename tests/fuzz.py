"""Damages valid inputs in thousands of ways, and lets the commands read them.

`make fuzz` tries 2,000 of each kind; `python -m tests.fuzz picture 50 runs/smoke` fifty pictures. Each command has to
end with 0 or 1 and a message, and all of them together may take no more memory than the valid ones and MEMORY.
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

from PIL import Image

from mnist_pipeline.cli import main
from mnist_pipeline.config import presets
from mnist_pipeline.inference.weights import WEIGHTS
from mnist_pipeline.run import METRICS, MODEL, RECORD, TFLITE
from tests.helpers import idx_bytes, noise, npz_file

MEMORY = 64  # MiB
EACH = 2_000
NUMBERS = [bytes([0]), bytes([255]) * 4, b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x80" + bytes(3), bytes(8)]
WORDS = [
    "&a [*a, *a]", "*b", "!!python/object/apply:os.system [id]", "<<: *a", "{", "]", "- ", ": ", "\t", "|", ">-", "---",
    ".inf", ".nan", "1e999", "-1", "99999999999999999999", "0x7fffffff", "null", "~", "yes", '"', "'", "#", "\u202e",
    "Lambda", "Dense: {units: 1000000000}", "? a", "0", "\ufeff", "[" * 200, "{a: " * 200,
]  # fmt: skip

Valid = list[tuple[str, bytes]]  # names of files, and what is in them


@dataclass(frozen=True)
class Kind:
    """A kind of input: valid ones, made in the folder that is the present one, and the command that reads one."""

    valid: Callable[[], Valid]
    command: Callable[[Path], list[str]]
    words: bool = False  # whether it is text
    write: Callable[[Path, bytes], object] = Path.write_bytes


@dataclass(frozen=True)
class Outcome:
    """How many were taken, refused, or neither, with what went wrong; and the memory in MiB beyond the valid ones."""

    taken: int
    refused: int
    failures: list[str]
    memory: float


def fuzz(name: str, number: int, trained: Path) -> Outcome:
    """What happens when the command for this kind of input reads `number` damaged ones: the same each time.

    `trained`: a run of the preset `smoke`.
    """
    kind, chance = KINDS[name], random.Random(0)  # noqa: S311, nothing here is secret
    statuses: list[int] = []
    failures: list[str] = []
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        shutil.copytree(trained, "run")
        _without_hashes(Path("run", RECORD))
        Image.fromarray(noise(1).images[0]).save("digit.png")
        valid = kind.valid()
        for file, content in valid:
            _read(kind, Path(file), content)
        before = _peak()
        for count in range(number):
            file, content = chance.choice(valid)
            damaged = _damaged(content, chance, chance.choice(valid)[1], kind.words)
            try:
                statuses.append(_read(kind, Path(file), damaged))
            except Exception as error:
                failures.append(f"{name} {count}: {type(error).__name__}: {error}")
        return Outcome(statuses.count(0), statuses.count(1), failures, _peak() - before)


def _without_hashes(record: Path) -> None:
    """A stranger would make them fit, and then they keep nothing from being read."""
    content = json.loads(record.read_bytes())
    del content["sha256"]
    record.write_text(json.dumps(content))


def _read(kind: Kind, file: Path, content: bytes) -> int:
    """The exit status of the command on `content`, in this process."""
    kind.write(file, content)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            main(kind.command(file))
        except SystemExit as ended:
            return int(ended.code or 0)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _damaged(content: bytes, chance: random.Random, other: bytes, words: bool) -> bytes:
    """`content` with one to eight changes; some are taken from `other`."""
    damaged = bytearray(content)
    for _ in range(chance.choice([1, 1, 2, 4, 8])):
        start = chance.randrange(len(damaged) + 1)
        end = start + chance.choice([0, 1, 4, chance.randrange(1, 200)])
        cut = chance.randrange(len(other) + 1)
        damaged[start:end] = chance.choice([
            chance.choice(WORDS).encode() if words else chance.choice(NUMBERS),
            chance.randbytes(1 if words else chance.randrange(1, 9)),
            other[cut : cut + chance.randrange(1, 200)],
            b"",
        ])  # fmt: skip
        if chance.random() < 0.05:
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


def _pictures() -> Valid:
    found = []
    page = Image.fromarray(255 - noise(1).images[0]).resize((60, 40))
    for kind, modes in {
        "PNG": "LRP",
        "JPEG": "LR",
        "BMP": "LRP",
        "GIF": "LP",
        "TIFF": "LRP",
        "WEBP": "R",
        "PPM": "LR",
    }.items():
        for mode in modes:
            content = io.BytesIO()
            page.convert({"R": "RGB"}.get(mode, mode)).save(content, kind)
            found.append((f"picture.{kind.lower()}", content.getvalue()))
    return found


def _of_a_run(name: str) -> Valid:
    return [(f"run/{name}", Path("run", name).read_bytes())]


def _weights() -> Valid:
    with zipfile.ZipFile(Path("run", MODEL)) as archive:
        return [(f"run/{MODEL}", archive.read(WEIGHTS))]


def _into_model(file: Path, weights: bytes) -> None:
    """Sound in all but its weights, whose check sum fits."""
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
    "picture": Kind(_pictures, lambda file: ["predict", str(file), "--run", "run"]),
    "tflite": Kind(lambda: _of_a_run(TFLITE), lambda _: PREDICT),
    "keras": Kind(lambda: _of_a_run(MODEL), lambda _: [*PREDICT, "--runtime", "keras"]),
    "hdf5": Kind(_weights, lambda _: [*PREDICT, "--runtime", "keras"], write=_into_model),
    "record": Kind(lambda: _of_a_run(RECORD), lambda _: ["verify", "run"], words=True),
    "figures": Kind(lambda: _of_a_run(METRICS), lambda _: ["verify", "run"], words=True),
}


def _one(name: str, number: int, trained: Path) -> bool:
    """Tell of one kind; whether all is well."""
    found = fuzz(name, number, trained)
    kept = found.memory <= MEMORY
    print(
        f"{name}: {number:,} damaged, {found.taken:,} taken, {found.refused:,} refused, "
        f"{len(found.failures):,} failed, {found.memory:.0f} MiB{'' if kept else ', TOO MUCH'}",
        *found.failures, sep="\n", flush=True,
    )  # fmt: skip
    return kept and not found.failures


def _all() -> bool:
    """Each kind in a process of its own, so that its memory is its own."""
    with tempfile.TemporaryDirectory() as folder:
        run = str(Path(folder, "run"))
        train = [sys.executable, "-m", "mnist_pipeline", "train", "--config", "smoke", "--run-dir", run]
        subprocess.run(train, check=True, capture_output=True)
        each = [
            subprocess.run([sys.executable, "-m", "tests.fuzz", name, str(EACH), run], check=False) for name in KINDS
        ]
    return not any(ended.returncode for ended in each)


if __name__ == "__main__":
    sys.exit(not (_one(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])) if sys.argv[1:] else _all()))
