"""What a source of images holds."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_pipeline.data.images import CLASSES, Images
from mnist_pipeline.data.sources import Source

COUNTED_AT_ONCE = 1000


@dataclass(frozen=True)
class Description:
    """`facts`: what and which; `classes`: a row for each class, with its count in each part."""

    facts: dict[str, Any]
    classes: list[dict[str, Any]]


def describe(source: Source) -> Description:
    """Shapes, ranges, hashes, and how often each class occurs."""
    facts: dict[str, Any] = {"name": source.name, "origin": source.origin, "sha256": source.sha256}
    for part, images in source.parts.items():
        pixels = images.images
        facts[part] = f"{len(images):,} images {pixels.shape}, {pixels.dtype} {pixels.min()} – {pixels.max()}"
        mean, deviation = _moments(pixels)
        facts[f"{part} pixels"] = f"mean {mean:.4f}, standard deviation {deviation:.4f} (scaled to 0 – 1)"
    names = source.class_names or ("",) * CLASSES
    counts = {part: np.bincount(images.labels, minlength=CLASSES) for part, images in source.parts.items()}
    classes = [
        {"class": digit, "name": names[digit], **{part: f"{count[digit]:,}" for part, count in counts.items()}}
        for digit in range(CLASSES)
    ]
    return Description(facts, classes)


def samples(source: Source) -> tuple[NDArray[np.uint8], list[str]]:
    """The first image of each class that occurs, (n, 28, 28), and what it is."""
    part: Images = next(iter(source.parts.values()))
    labels, first = np.unique(part.labels, return_index=True)
    names = source.class_names
    return part.images[first], [names[label] if names else str(label) for label in labels]


def _moments(pixels: NDArray[np.uint8]) -> tuple[float, float]:
    """Mean and standard deviation of all pixels, scaled to 0 - 1: from how often each value occurs.

    Counted in parts, because NumPy counts numbers of eight bytes.
    """
    parts = np.array_split(pixels, math.ceil(len(pixels) / COUNTED_AT_ONCE))
    counts = np.sum([np.bincount(part.ravel(), minlength=256) for part in parts], axis=0)
    values, shares = np.arange(256) / 255, counts / counts.sum()
    mean = float(shares @ values)
    return mean, math.sqrt(shares @ (values - mean) ** 2)
