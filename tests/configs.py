"""Small configs for tests, written as a user would."""

from pathlib import Path
from typing import Any

import yaml

from mnist_pipeline.config.load import LoadedConfig, load

TINY = {
    "data": {"dataset": "mnist_sample", "train_samples": 200, "test_samples": 50},
    "model": {"layers": ["Flatten", {"Dense": {"units": 10, "activation": "softmax"}}]},
    "loss": "categorical_crossentropy",
    "training": {"epochs": 2, "batch_size": 32},
}


def tiny(folder: Path, *overrides: str, **sections: Any) -> LoadedConfig:
    """A config that trains in a moment, with other sections or values where they are given."""
    file = folder / "tiny.yaml"
    file.write_text(yaml.safe_dump(TINY | sections), encoding="utf-8")
    return load(str(file), overrides)
