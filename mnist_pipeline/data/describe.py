"""Describe a source: hashes, shapes, ranges, and class counts."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_pipeline.data.sources import Source
from mnist_pipeline.tasks import CLASSES

MAX_COUNTED_IMAGES = 1000


@dataclass(frozen=True)
class Description:
    """What `mnist data` shows of a source.

    `properties` by name; `class_counts`: a row for each class, with its count in each split.
    """

    properties: dict[str, Any]
    class_counts: list[dict[str, Any]]


def describe(source: Source) -> Description:
    """Properties and class counts of `source`, formatted to be shown."""
    properties: dict[str, Any] = {"name": source.name, "origin": source.origin, "sha256": source.sha256}
    for split, images in source.splits.items():
        pixels = images.images
        properties[split] = f"{len(images):,} images {pixels.shape}, {pixels.dtype} {pixels.min()} – {pixels.max()}"
        mean, deviation = _moments(pixels)
        properties[f"{split} pixels"] = f"mean {mean:.4f}, standard deviation {deviation:.4f} (scaled to 0 – 1)"
    names = source.class_names or ("",) * CLASSES
    counts = {split: np.bincount(images.labels, minlength=CLASSES) for split, images in source.splits.items()}
    class_counts = [
        {"class": digit, "name": names[digit], **{split: f"{count[digit]:,}" for split, count in counts.items()}}
        for digit in range(CLASSES)
    ]
    return Description(properties, class_counts)


def first_of_each_class(source: Source) -> tuple[NDArray[np.uint8], list[str]]:
    """The first image of each class that occurs, (n, 28, 28), and their names."""
    images = next(iter(source.splits.values()))
    labels, first = np.unique(images.labels, return_index=True)
    names = source.class_names
    return images.images[first], [names[label] if names else str(label) for label in labels]


def _moments(pixels: NDArray[np.uint8]) -> tuple[float, float]:
    """Mean and standard deviation of pixels (n, 28, 28) scaled to 0–1.

    Computed from the counts of their 256 values. Counted in parts, because np.bincount converts its input to int64.
    """
    parts = np.array_split(pixels, math.ceil(len(pixels) / MAX_COUNTED_IMAGES))
    counts = np.sum([np.bincount(part.ravel(), minlength=256) for part in parts], axis=0)
    values, shares = np.arange(256) / 255, counts / counts.sum()
    mean = float(shares @ values)
    return mean, math.sqrt(shares @ (values - mean) ** 2)
