"""Small trainings, and what they end with."""

import csv
import hashlib
import io
import signal
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np
import pytest

from mnist_pipeline.config.load import LoadedConfig
from mnist_pipeline.data.dataset import load_dataset
from mnist_pipeline.run.files import HISTORY
from mnist_pipeline.run.folder import Run
from mnist_pipeline.training import train as training
from mnist_pipeline.training.signals import INTERRUPTIONS
from mnist_pipeline.training.train import prepare_training, train
from tests.helpers import new_run

# Saves half of the seconds of a tiny training; for tests that are not about XLA.
NO_XLA = "training.jit_compile=false"

STATEFUL = {  # everything that has a state of its own
    "model": {
        "layers": [
            {"RandomTranslation": {"height_factor": 0.1, "width_factor": 0.1}},
            "Flatten",
            {"Dense": 16},
            "BatchNormalization",
            {"Activation": "relu"},
            {"Dropout": 0.3},
            {"Dense": {"units": 10, "activation": "softmax"}},
        ]
    },
    "callbacks": [
        {"ReduceLROnPlateau": {"patience": 1}},
        {"EarlyStopping": {"patience": 3, "restore_best_weights": True}},
    ],
    "training": {"epochs": 6, "batch_size": 32},
}


@contextmanager
def without_litert() -> Iterator[None]:
    """Skip the conversion to LiteRT, which takes longer than a small training."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "convert_to_litert", lambda *_: None)
        yield


@contextmanager
def default_handlers() -> Iterator[None]:
    """Handle signals also in the background or under nohup, where shells ignore some."""
    defaults = dict.fromkeys(INTERRUPTIONS, signal.SIG_DFL) | {signal.SIGINT: signal.default_int_handler}
    before = {number: signal.signal(number, handler) for number, handler in defaults.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def trained(loaded: LoadedConfig, folder: Path) -> Run:
    """A new run at `folder`, without LiteRT."""
    setup = prepare_training(loaded, load_dataset(loaded.config.data))
    run = new_run(loaded, folder)
    with run.record_outcome(), without_litert():
        train(setup, run)
    return run


def resume(run: Run) -> None:
    """Train `run`, which was interrupted, to its end, without LiteRT."""
    loaded = run.config()
    with run.record_outcome(), without_litert():
        train(prepare_training(loaded, load_dataset(loaded.config.data), run), run)


def fingerprint(run: Run) -> str:
    """The SHA-256 of the weights."""
    digest = hashlib.sha256()

    def update(name: str, item: object) -> None:
        if isinstance(item, h5py.Dataset):
            digest.update(name.encode() + np.ascontiguousarray(item).tobytes())

    with zipfile.ZipFile(run.model) as archive, h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as weights:
        weights.visititems(update)
    return digest.hexdigest()


def history(run: Run) -> list[dict[str, str]]:
    """A row an epoch, as it was written."""
    with (run.folder / HISTORY).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))
