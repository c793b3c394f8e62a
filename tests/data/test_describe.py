"""The description of a source is of what is in it."""

import numpy as np
import pytest

from mnist_pipeline.data.describe import describe, first_of_each_class
from mnist_pipeline.data.images import DATASET_CLASS_NAMES, Images
from mnist_pipeline.data.sources import Source
from tests.helpers import noise

TRAIN, TEST = noise(25, seed=1), noise(12, seed=2)
SOURCE = Source("mnist", "somewhere.npz", {"train": TRAIN, "test": TEST})


def test_name_origin_and_hash_come_first() -> None:
    properties = describe(SOURCE).properties
    assert list(properties)[:3] == ["name", "origin", "sha256"]
    assert (properties["name"], properties["origin"], properties["sha256"]) == ("mnist", "somewhere.npz", SOURCE.sha256)


@pytest.mark.parametrize(("part", "images"), [("train", TRAIN), ("test", TEST)])
def test_each_part_has_its_shape_type_and_range(part: str, images: Images) -> None:
    pixels = images.images
    expected = f"{len(images)} images {pixels.shape}, uint8 {pixels.min()} – {pixels.max()}"
    assert describe(SOURCE).properties[part] == expected


@pytest.mark.parametrize(("part", "images"), [("train", TRAIN), ("test", TEST)])
def test_mean_and_deviation_are_those_of_all_scaled_pixels(part: str, images: Images) -> None:
    scaled = images.images / 255
    expected = f"mean {scaled.mean():.4f}, standard deviation {scaled.std():.4f} (scaled to 0 – 1)"
    assert describe(SOURCE).properties[f"{part} pixels"] == expected


def test_each_class_is_counted_in_each_part() -> None:
    classes = describe(SOURCE).class_counts
    assert [row["class"] for row in classes] == list(range(10))
    assert [row["train"] for row in classes] == ["3"] * 5 + ["2"] * 5
    assert [row["test"] for row in classes] == ["2"] * 2 + ["1"] * 8


def test_a_class_that_does_not_occur_is_counted_as_none() -> None:
    assert [row["test"] for row in describe(Source("x", "x", {"test": noise(1)})).class_counts] == ["1"] + ["0"] * 9


def test_clothes_have_their_names() -> None:
    names = [row["name"] for row in describe(Source("fashion_mnist", "x", {"test": TEST})).class_counts]
    assert names == list(DATASET_CLASS_NAMES["fashion_mnist"])
    assert names[9] == "Ankle boot"


def test_the_first_image_of_each_class_is_the_sample() -> None:
    images, names = first_of_each_class(SOURCE)
    np.testing.assert_array_equal(images, TRAIN.images[:10])
    assert names == [str(digit) for digit in range(10)]


def test_samples_show_only_what_occurs_and_say_what_it_is() -> None:
    part = Images(noise(4).images, np.array([9, 2, 9, 2], np.uint8))
    images, names = first_of_each_class(Source("fashion_mnist", "x", {"test": part}))
    np.testing.assert_array_equal(images, part.images[[1, 0]])
    assert names == ["Pullover", "Ankle boot"]
