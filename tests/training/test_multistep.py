"""Images on the device are not copied where memory can be shared."""

import io

import numpy as np
import pytest
from numpy.typing import NDArray

from mnist_pipeline.data.aligned_read import aligned_read
from mnist_pipeline.training.multistep import on_device

pytestmark = pytest.mark.usefixtures("without_gpu")


def images(number: int) -> NDArray[np.uint8]:
    content = np.random.default_rng(0).bytes(number * 784)
    return aligned_read(io.BytesIO(content), number * 784).reshape(-1, 28, 28)


def test_images_in_aligned_memory_are_not_copied() -> None:
    part = images(12)[4:]
    tensor = on_device(part)
    part[0, 0, 0] ^= 255
    assert np.array_equal(tensor, part)


def test_images_in_other_memory_are_copied() -> None:
    part = images(12)[1:]
    tensor = on_device(part)
    assert np.array_equal(tensor, part)
    part[0, 0, 0] ^= 255
    assert not np.array_equal(tensor, part)


def test_labels_of_every_type_and_memory_order_become_the_same_tensor() -> None:
    labels = np.arange(60, dtype=np.float32).reshape(6, 10)
    for array in (labels, np.asfortranarray(labels), labels[::2], labels.astype(np.int32)):
        assert np.array_equal(on_device(array), array)


def test_read_only_images_become_the_same_tensor() -> None:
    part = images(4)
    part.flags.writeable = False
    assert np.array_equal(on_device(part), part)
