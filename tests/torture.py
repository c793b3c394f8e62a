"""Kill trainings at random moments, resume them, and compare the results.

`make torture` kills a hundred; `python -m tests.torture 3` three. It prints a line for each.
"""

import hashlib
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NoReturn

import yaml

from mnist_pipeline.cli.main import main
from mnist_pipeline.files import PARTIAL
from mnist_pipeline.run.files import HISTORY, RECORD, TFLITE
from mnist_pipeline.run.folder import Run
from mnist_pipeline.training import checkpoint, fit

MAX_KILLS, MAX_STARTS = 4, 20  # of one training
DATA = {"dataset": "mnist_sample", "train_samples": 1500, "test_samples": 100}
HEAD = {"Dense": {"units": 10, "activation": "softmax"}}
BN = [{"Dense": 32}, "BatchNormalization", "ReLU"]
TRANSLATION = {"RandomTranslation": {"height_factor": 0.1, "width_factor": 0.1, "fill_mode": "constant"}}
CALLBACKS = [
    {"ReduceLROnPlateau": {"monitor": "loss", "patience": 1, "min_delta": 0.05}},
    {"EarlyStopping": {"monitor": "val_accuracy", "patience": 2, "restore_best_weights": True}},
]
COSINE = {"Adam": {"learning_rate": {"CosineDecay": {"initial_learning_rate": 0.01, "decay_steps": "5 epochs"}}}}
CONFIGS: dict[str, dict[str, Any]] = {
    "dropout and early stopping": {"layers": ["Flatten", *BN, {"Dropout": 0.4}, HEAD], "callbacks": CALLBACKS},
    "augmentation, moving averages": {
        "layers": [TRANSLATION, "Flatten", *BN, HEAD],
        "optimizer": {"AdamW": {"learning_rate": 0.005, "use_ema": True}},
    },
    "cosine, compiled by XLA": {"layers": ["Flatten", *BN, HEAD], "optimizer": COSINE},
    "convolutions": {
        "layers": [{"Conv2D": {"filters": 4, "kernel_size": 5, "strides": 3}}, "BatchNormalization", "Flatten", HEAD],
        "optimizer": {"SGD": {"learning_rate": 0.1, "momentum": 0.9}},
        "callbacks": CALLBACKS,
    },
}


def torture(kills: int) -> int:
    """The number of `kills` trainings that end with the bytes of one not killed.

    Each is killed at least once.
    """
    checkpoint.SECONDS_BETWEEN_FILES = 0.0  # after every step, so that some kills come while one is written
    fit.BLOCK_WORK = 1.0  # and a step is one batch
    draw = random.Random(0)  # noqa: S311, nothing here is secret
    identical = 0
    with tempfile.TemporaryDirectory() as folder:
        straight = {name: _straight(Path(folder), name) for name in [*CONFIGS][:kills]}
        for number in range(kills):
            name = list(CONFIGS)[number % len(CONFIGS)]
            expected, seconds = straight[name]
            place = Path(folder) / f"killed-{number}"
            times = _killed(_command(Path(folder), name, place), place, draw, seconds)
            same = fingerprint(place) == expected and not any(place.glob(f"{PARTIAL}*"))
            identical += same
            print(f"{number + 1:>3}  {name}: killed {times} times, {'identical' if same else 'DIFFERENT'}", flush=True)
    print(f"{identical} of {kills} identical")
    return identical


def fingerprint(folder: Path) -> str:
    """The SHA-256 of the weights, as LiteRT has them, and the history."""
    content = [(folder / name).read_bytes() for name in (TFLITE, HISTORY)]
    return hashlib.sha256(b"".join(content)).hexdigest()


def _command(folder: Path, name: str, place: Path) -> list[str]:
    sections = dict(CONFIGS[name])
    config = {
        "data": DATA, "model": {"layers": sections.pop("layers")}, "loss": "categorical_crossentropy",
        "training": {"epochs": 5, "batch_size": 64}, **sections,
    }  # fmt: skip
    file = folder / "config.yaml"
    file.write_text(yaml.safe_dump(config), encoding="utf-8")
    return ["train", "--config", str(file), "--run-dir", str(place)]


def _straight(folder: Path, name: str) -> tuple[str, float]:
    """The fingerprint of a training that is not killed, and its seconds."""
    place = folder / name.replace(" ", "-")
    began = time.monotonic()
    process = _start(_command(folder, name, place))
    process.join()
    if process.exitcode:
        sys.exit(f"{name}: the training failed")
    return fingerprint(place), time.monotonic() - began


def _killed(command: list[str], place: Path, draw: random.Random, seconds: float) -> int:
    """Kill and resume a training until it ends; the number of kills, at least one."""
    times, next_command = 0, command
    for _ in range(MAX_STARTS):
        process = _start(next_command)
        process.join(draw.uniform(0, seconds))
        if process.is_alive() and times < MAX_KILLS:
            os.kill(process.pid or 0, signal.SIGKILL)
            times += 1
        process.join()
        exists = (place / RECORD).exists()
        finished = exists and Run(place).status == "finished"
        if finished and times:
            return times
        if finished or not exists:  # it was not killed, or before it was a run: from the start
            shutil.rmtree(place, ignore_errors=True)
            next_command = command
        else:
            next_command = ["train", "--resume", str(place)]
    sys.exit(f"{place}: this training does not end")


def _start(command: list[str]) -> multiprocessing.process.BaseProcess:
    """A process that has imported TensorFlow already, as it is forked from this one."""
    process = multiprocessing.get_context("fork").Process(target=_run, args=(command,))
    process.start()
    return process


def _run(command: list[str]) -> NoReturn:
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, 1)
    os.dup2(devnull, 2)
    main(command)


if __name__ == "__main__":
    kills = int(sys.argv[1]) if sys.argv[1:] else 100
    sys.exit(torture(kills) != kills)
