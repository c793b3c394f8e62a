"""Labeled images, and the validation of arrays from outside."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_pipeline.errors import DataError
from mnist_pipeline.tasks import CLASSES

SIZE = 28

# Of the datasets whose classes are not the digits.
DATASET_CLASS_NAMES = {
    "fashion_mnist": (
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Images:
    """Labeled images.

    `images`: uint8 (n, 28, 28), 0 is background and 255 ink; `labels`: uint8 (n,), 0–9.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, rows: slice) -> "Images":
        return Images(self.images[rows], self.labels[rows])


def validate(images: NDArray[Any], labels: NDArray[Any], name: str) -> Images:
    """`images` and `labels` of a split called `name` as `Images`.

    Raises DataError if a shape, type or range is wrong. Images may have a channel axis, (n, 28, 28, 1), and any integer
    type.
    """
    pixels = _validated_images(images, name)
    digits = _validated_labels(labels, name)
    if len(pixels) != len(digits):
        received = f"{len(digits)} labels for {len(pixels)} images"
        raise DataError(f"{name}: expected a label for each image, received {received}")
    return Images(pixels, digits)


def sha256(*splits: Images | None) -> str:
    """SHA-256 of shapes, pixels and labels, whatever file they came in."""
    digest = hashlib.sha256()
    for images in splits:
        for array in (images.images, images.labels) if images else ():
            digest.update(str(array.shape).encode())
            digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _validated_images(images: NDArray[Any], name: str) -> NDArray[np.uint8]:
    if images.ndim == 4 and images.shape[-1] == 1:
        images = images[..., 0]
    if images.ndim != 3 or images.shape[1:] != (SIZE, SIZE):
        raise DataError(f"{name}: expected images of shape (n, 28, 28), received {images.shape}")
    if not len(images):
        raise DataError(f"{name}: expected images of shape (n, 28, 28), received none: {images.shape}")
    return _to_uint8(images, 255, f"{name}: expected pixels that are whole numbers from 0 to 255 (uint8)")


def _validated_labels(labels: NDArray[Any], name: str) -> NDArray[np.uint8]:
    if labels.ndim != 1:
        raise DataError(f"{name}: expected labels of shape (n,), the digits themselves, received {labels.shape}")
    return _to_uint8(labels, CLASSES - 1, f"{name}: expected labels that are whole numbers from 0 to 9")


def _to_uint8(array: NDArray[Any], largest: int, expectation: str) -> NDArray[np.uint8]:
    if array.dtype.kind not in "iu":
        raise DataError(f"{expectation}, received {array.dtype}")
    if array.size and (array.min() < 0 or array.max() > largest):
        raise DataError(f"{expectation}, received {array.min()} to {array.max()}")
    return np.ascontiguousarray(array, dtype=np.uint8)
