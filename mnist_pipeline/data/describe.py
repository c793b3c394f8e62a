"""What a source of images holds."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_pipeline.data.images import CLASSES, Images
from mnist_pipeline.data.sources import CLASS_NAMES, Source


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
        ink = pixels.mean(dtype=np.float64) / 255
        facts[f"{part} pixels"] = f"mean {ink:.4f}, standard deviation {_deviation(pixels, ink):.4f} (scaled to 0 – 1)"
    names = CLASS_NAMES.get(source.name, ("",) * CLASSES)
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
    names = CLASS_NAMES.get(source.name)
    return part.images[first], [names[label] if names else str(label) for label in labels]


def _deviation(pixels: NDArray[np.uint8], mean: float) -> float:
    """Without a copy of all pixels as floating-point numbers: from how often each value occurs."""
    counts = np.bincount(pixels.ravel(), minlength=256)
    return float(np.sqrt((counts * (np.arange(256) / 255 - mean) ** 2).sum() / counts.sum()))
