"""Small configs for tests, written as a user would."""

from pathlib import Path
from typing import Any

import yaml

from mnist_pipeline.config.keras.catalog.metrics import METRICS
from mnist_pipeline.config.lint.rules import lint
from mnist_pipeline.config.load import LoadedConfig, load
from mnist_pipeline.config.schema import Config

TINY = {
    "data": {"dataset": "mnist_sample", "train_samples": 200, "test_samples": 50},
    "model": {"layers": ["Flatten", {"Dense": {"units": 10, "activation": "softmax"}}]},
    "loss": "categorical_crossentropy",
    "training": {"epochs": 2, "batch_size": 32},
}


def ending(units: int, activation: str | None) -> dict[str, Any]:
    """The section of a network with nothing but an output layer."""
    return {"model": {"layers": ["Flatten", {"Dense": {"units": units, "activation": activation}}]}}


# Sections for each kind of labels.
TARGETS: dict[str, dict[str, Any]] = {
    "digit": ending(10, "softmax") | {"loss": "categorical_crossentropy"},
    "number": ending(10, "softmax") | {"loss": "sparse_categorical_crossentropy"},
    "yes or no": ending(1, "sigmoid") | {"loss": "binary_crossentropy", "data": {"target": {"positive": [1, 3]}}},
    "value": ending(1, "softplus") | {"loss": "mse", "data": {"target": "value"}},
}


def metric(name: str) -> dict[str, Any]:
    """A metric as a config writes it, with the arguments that it needs."""
    fields = METRICS.model(name).model_fields if name != "accuracy" else {}
    needed = {key for key, field in fields.items() if field.is_required()}
    return {name: {key: "macro" if key == "average" else 0.5 for key in sorted(needed)}}


def fits(target: str, **sections: Any) -> bool:
    """Whether the rules accept `sections` for a kind of labels."""
    config = Config.model_validate(TARGETS[target] | sections)
    findings = lint({name: getattr(config, name) for name in Config.model_fields})
    labels_fit = config.sparse_labels == (target == "number")
    return labels_fit and not any(each.level == "error" for each in findings)


def tiny(folder: Path, *overrides: str, **sections: Any) -> LoadedConfig:
    """A config that trains in a moment, with `sections` and `overrides`."""
    file = folder / "tiny.yaml"
    file.write_text(yaml.safe_dump(TINY | sections), encoding="utf-8")
    return load(str(file), overrides)
