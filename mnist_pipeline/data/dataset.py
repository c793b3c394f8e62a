"""A source -> what to train on, validate with and test on, and the targets that a loss compares with."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_pipeline.config.schema import Config, Data
from mnist_pipeline.data.images import CLASSES, Images
from mnist_pipeline.data.sources import ASKED, Access, Source, load
from mnist_pipeline.errors import DataError


@dataclass(frozen=True)
class Dataset:
    """The parts of a source as a config wants them; None where the source, or the config, has no such part."""

    source: Source
    train: Images | None
    validation: Images | None
    test: Images | None

    def split(self, name: str) -> Images:
        """The part called train, validation or test. Raises DataError if there is none."""
        part: Images | None = getattr(self, name)
        if part is None:
            why = "validation_split is 0" if name == "validation" and self.train else f"{self.source.origin} has none"
            raise DataError(f"there is no {name} part: {why}")
        return part


def load_dataset(data: Data, source: str | None = None, access: Access = ASKED) -> Dataset:
    """The parts that `data` describes; `source` takes the place of its dataset, if given.

    Raises DataError if the source cannot be read, or has fewer images than are asked for.
    """
    loaded = load(data.dataset if source is None else source, access)
    train = _first(loaded.parts.get("train"), data.train_samples, "train_samples")
    test = _first(loaded.parts.get("test"), data.test_samples, "test_samples")
    if train is None:
        return Dataset(loaded, None, None, test)
    train, validation = _split(train, data.validation_split)
    return Dataset(loaded, train, validation, test)


def targets(labels: NDArray[np.uint8], config: Config) -> NDArray[Any]:
    """What the loss compares with, for digits `labels` (n,).

    Digits: float32 (n, 10), one-hot, or int32 (n,) for a loss that wants numbers. Yes or no: float32 (n, 1), 0 or 1.
    A value: float32 (n, 1), 0 - 9.
    """
    match config.data.kind:
        case "positive":
            return positives(labels, config.data)[:, None].astype(np.float32)
        case "value":
            return labels[:, None].astype(np.float32)
    return labels.astype(np.int32) if config.sparse_labels else np.eye(CLASSES, dtype=np.float32)[labels]


def positives(labels: NDArray[np.uint8], data: Data) -> NDArray[np.bool_]:
    """Whether the answer to a yes-or-no target is yes, for each of the digits `labels`."""
    return np.isin(labels, data.positive)


def _first(part: Images | None, samples: int | None, key: str) -> Images | None:
    if part is None or samples is None:
        return part
    if samples > len(part):
        raise DataError(f"data.{key} asks for {samples} images, and there are {len(part)}")
    return part[:samples]


def _split(train: Images, validation_split: float) -> tuple[Images, Images | None]:
    """Keras' split: the last part, before any shuffling."""
    if not validation_split:
        return train, None
    boundary = math.floor(len(train) * (1 - validation_split))
    if boundary in (0, len(train)):
        raise DataError(f"validation_split: {validation_split} leaves nothing for one part of {len(train)} images")
    return train[:boundary], train[boundary:]
