"""Small trainings, and what they come to."""

import csv
import hashlib
from pathlib import Path

import numpy as np

from mnist_pipeline.config.load import LoadedConfig
from mnist_pipeline.data.dataset import load_dataset
from mnist_pipeline.framework import keras
from mnist_pipeline.run.files import HISTORY
from mnist_pipeline.run.folder import Run
from mnist_pipeline.training.train import prepare, train
from tests.helpers import new_run

RESTLESS = {  # all that has a state of its own
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


def trained(loaded: LoadedConfig, folder: Path) -> Run:
    prepared = prepare(loaded, load_dataset(loaded.config.data))
    run = new_run(loaded, folder)
    with run.record_outcome():
        train(prepared, run)
    return run


def fingerprint(run: Run) -> str:
    weights = keras.models.load_model(run.model).get_weights()
    return hashlib.sha256(b"".join(np.ascontiguousarray(each).tobytes() for each in weights)).hexdigest()


def history(run: Run) -> list[dict[str, str]]:
    with (run.folder / HISTORY).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))
