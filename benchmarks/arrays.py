"""The arrays that every contestant gets."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_pipeline.config.schema import Data
from mnist_pipeline.data.dataset import load_dataset

BATCH = 128
LEARNING_RATE = 0.001
EPOCHS = 3
Examples = tuple[NDArray[Any], NDArray[Any]]


def scaled() -> tuple[Examples, Examples]:
    """Train and validation: images, float32 0 - 1 (n, 28, 28), and digits, int64."""
    dataset = load_dataset(Data())
    parts = [dataset.split(name) for name in ("train", "validation")]
    train, validation = ((part.images.astype(np.float32) / 255, part.labels.astype(np.int64)) for part in parts)
    return train, validation
