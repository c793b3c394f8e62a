"""Labelled images, and the check at the door that arrays from outside are that."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_pipeline.errors import DataError

SIZE = 28
CLASSES = 10

# Of the data sets whose classes are not the digits.
CLASS_NAMES = {
    "fashion_mnist": (
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Images:
    """`images`: uint8 (n, 28, 28), 0 is background and 255 ink. `labels`: uint8 (n,), 0 - 9."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, part: slice) -> "Images":
        return Images(self.images[part], self.labels[part])


def checked(images: NDArray[Any], labels: NDArray[Any], name: str) -> Images:
    """`images` and `labels` of a part called `name`, as they have to be. Raises DataError that says what is not."""
    pixels = _checked_images(images, name)
    digits = _checked_labels(labels, name)
    if len(pixels) != len(digits):
        raise DataError(f"{name}: {len(pixels)} images and {len(digits)} labels. Each image needs one label")
    return Images(pixels, digits)


def sha256(*parts: Images | None) -> str:
    """The SHA-256 of shapes, pixels and labels, whatever file they came in."""
    digest = hashlib.sha256()
    for part in parts:
        for array in (part.images, part.labels) if part else ():
            digest.update(str(array.shape).encode())
            digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _checked_images(images: NDArray[Any], name: str) -> NDArray[np.uint8]:
    if images.ndim == 4 and images.shape[-1] == 1:
        images = images[..., 0]
    if images.ndim != 3 or images.shape[1:] != (SIZE, SIZE):
        raise DataError(f"{name}: expected images of shape (n, 28, 28), received {images.shape}")
    if not len(images):
        raise DataError(f"{name}: there is no image in it")
    return _bytes(images, 255, f"{name}: expected pixels that are whole numbers from 0 to 255 (uint8)")


def _checked_labels(labels: NDArray[Any], name: str) -> NDArray[np.uint8]:
    if labels.ndim != 1:
        raise DataError(f"{name}: expected labels of shape (n,), the digits themselves, received {labels.shape}")
    return _bytes(labels, CLASSES - 1, f"{name}: expected labels that are whole numbers from 0 to 9")


def _bytes(array: NDArray[Any], largest: int, expected: str) -> NDArray[np.uint8]:
    if array.dtype.kind not in "iu":
        raise DataError(f"{expected}, received {array.dtype}")
    if array.size and (array.min() < 0 or array.max() > largest):
        raise DataError(f"{expected}, received {array.min()} to {array.max()}")
    return np.ascontiguousarray(array, dtype=np.uint8)
