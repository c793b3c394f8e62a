"""Arrays from outside are labeled images, or they are refused in words."""

import numpy as np
import pytest
from numpy.typing import NDArray

from mnist_pipeline.data.images import Images, sha256, validate
from mnist_pipeline.errors import DataError
from tests.helpers import noise

PIXELS = noise(3).images
LABELS = noise(3).labels


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int64, np.uint64])
def test_whole_numbers_of_any_width_become_bytes(dtype: type) -> None:
    part = validate(PIXELS.astype(dtype), LABELS.astype(dtype), "test")
    assert part.images.dtype == part.labels.dtype == np.uint8
    np.testing.assert_array_equal(part.images, PIXELS)
    np.testing.assert_array_equal(part.labels, LABELS)


def test_a_channel_axis_of_one_is_removed() -> None:
    np.testing.assert_array_equal(validate(PIXELS[..., None], LABELS, "test").images, PIXELS)


def test_images_in_any_memory_order_become_contiguous() -> None:
    part = validate(np.asfortranarray(PIXELS)[::-1], LABELS[::-1], "test")
    assert part.images.flags.c_contiguous
    assert part.labels.flags.c_contiguous


@pytest.mark.parametrize(
    "shape",
    [(28, 28), (3, 784), (3, 27, 28), (3, 28, 27), (3, 28, 28, 3), (3, 1, 28, 28), (1, 3, 28, 28, 1), ()],
    ids=str,
)
def test_images_of_another_shape_are_refused_and_the_shape_is_reported(shape: tuple[int, ...]) -> None:
    with pytest.raises(DataError) as refused:
        validate(np.zeros(shape, np.uint8), LABELS, "mine.npz: train")
    assert str(refused.value) == f"mine.npz: train: expected images of shape (n, 28, 28), received {shape}"


def test_a_part_without_images_is_refused() -> None:
    with pytest.raises(DataError, match=r"test: expected images of shape \(n, 28, 28\), received none"):
        validate(PIXELS[:0], LABELS[:0], "test")


@pytest.mark.parametrize("dtype", ["float32", "float64", "bool", "complex64", "S8", "datetime64[s]"])
def test_pixels_that_are_no_whole_numbers_are_refused_and_their_type_is_reported(dtype: str) -> None:
    pixels = np.zeros(PIXELS.shape, dtype)
    with pytest.raises(DataError) as refused:
        validate(pixels, LABELS, "test")
    assert str(refused.value).startswith("test: expected pixels that are whole numbers from 0 to 255")
    assert str(refused.value).endswith(f"received {pixels.dtype}")


@pytest.mark.parametrize("value", [-1, 256, 65535])
def test_pixels_out_of_range_are_refused_and_the_range_is_reported(value: int) -> None:
    wide = PIXELS.astype(np.int32)
    wide[1, 2, 3] = value
    with pytest.raises(DataError, match=f"expected pixels .* received {wide.min()} to {wide.max()}"):
        validate(wide, LABELS, "test")


@pytest.mark.parametrize("value", [-1, 10, 255])
def test_labels_out_of_range_are_refused(value: int) -> None:
    with pytest.raises(DataError, match=r"expected labels that are whole numbers from 0 to 9, received"):
        validate(PIXELS, np.array([0, value, 1]), "test")


@pytest.mark.parametrize("labels", [np.zeros(3), np.array(["0", "1", "2"])], ids=["float", "text"])
def test_labels_that_are_no_whole_numbers_are_refused(labels: NDArray[np.generic]) -> None:
    with pytest.raises(DataError, match="expected labels that are whole numbers"):
        validate(PIXELS, labels, "test")


@pytest.mark.parametrize("labels", [np.eye(10, dtype=np.uint8)[:3], LABELS[:, None]], ids=["one-hot", "a column"])
def test_labels_in_rows_are_refused(labels: NDArray[np.uint8]) -> None:
    with pytest.raises(DataError, match=r"expected labels of shape \(n,\), the digits themselves"):
        validate(PIXELS, labels, "test")


@pytest.mark.parametrize("count", [0, 2, 4])
def test_each_image_needs_one_label(count: int) -> None:
    with pytest.raises(DataError, match=f"received {count} labels for 3 images"):
        validate(PIXELS, np.zeros(count, np.uint8), "test")


def test_a_slice_keeps_images_and_labels_together() -> None:
    part = noise(5)[1:3]
    assert isinstance(part, Images)
    assert len(part) == 2
    np.testing.assert_array_equal(part.images, noise(5).images[1:3])
    np.testing.assert_array_equal(part.labels, [1, 2])


def test_the_hash_is_that_of_the_values_and_not_of_their_place_in_memory() -> None:
    part = noise(4)
    scattered = Images(np.repeat(part.images, 2, axis=0)[::2], part.labels)
    assert sha256(scattered) == sha256(part)


def test_the_hash_changes_with_each_pixel_label_and_order() -> None:
    part = noise(4)
    pixel, label = part.images.copy(), part.labels.copy()
    pixel[3, 27, 27] ^= 1
    label[3] ^= 1
    others = [Images(pixel, part.labels), Images(part.images, label), part[:3], Images(part.images[::-1], part.labels)]
    assert len({sha256(each) for each in [part, *others]}) == 5


def test_the_hash_counts_both_parts() -> None:
    one, other = noise(4, seed=1), noise(4, seed=2)
    assert len({sha256(one), sha256(one, other), sha256(other, one)}) == 3
