"""A config says which images to train on, to validate with and to test on."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_pipeline.config.schema import Data
from mnist_pipeline.data.dataset import Dataset, load_dataset
from mnist_pipeline.data.images import Images
from mnist_pipeline.errors import DataError
from tests.helpers import noise, npz_file

TRAIN, TEST = noise(20, seed=1), noise(10, seed=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds whole.npz with both parts, and train.npz and test.npz with one."""
    folder = tmp_path_factory.mktemp("dataset")
    npz_file(folder / "whole.npz", TRAIN, TEST)
    npz_file(folder / "train.npz", train=TRAIN)
    npz_file(folder / "test.npz", test=TEST)
    return folder


@pytest.fixture
def whole(folder: Path) -> str:
    return str(folder / "whole.npz")


def same(part: Images | None, other: Images) -> bool:
    return part is not None and np.array_equal(part.images, other.images) and np.array_equal(part.labels, other.labels)


def test_validation_is_the_last_part_of_training_and_nothing_is_shuffled(whole: str) -> None:
    dataset = load_dataset(Data(dataset=whole, validation_split=0.25))
    assert same(dataset.train, TRAIN[:15])
    assert same(dataset.validation, TRAIN[15:])
    assert same(dataset.test, TEST)


@settings(deadline=None)
@given(count=st.integers(1, 300), validation_split=st.floats(0.001, 0.999))
def test_the_split_is_that_of_keras(folder: Path, count: int, validation_split: float) -> None:
    from mnist_pipeline.framework import keras

    split = keras.src.trainers.data_adapters.array_slicing.train_validation_split
    part = noise(count)
    data = Data(dataset=str(npz_file(folder / "split.npz", train=part)), validation_split=validation_split)
    try:
        (train,), (validation,) = split((part.labels,), validation_split)
    except ValueError:
        with pytest.raises(DataError, match="leaves none to"):
            load_dataset(data)
    else:
        dataset = load_dataset(data)
        assert len(dataset.split("train")) == len(train)
        assert len(dataset.split("validation")) == len(validation)


@pytest.mark.parametrize(
    ("count", "validation_split", "kept"), [(60_000, 0.2, 48_000), (60_000, 0.1, 54_000), (10, 0.3, 7), (3, 0.5, 1)]
)
def test_the_split_of_well_known_sizes(tmp_path: Path, count: int, validation_split: float, kept: int) -> None:
    blank = Images(np.zeros((count, 28, 28), np.uint8), np.zeros(count, np.uint8))
    data = Data(dataset=str(npz_file(tmp_path / "blank.npz", train=blank)), validation_split=validation_split)
    assert len(load_dataset(data).split("train")) == kept


def test_without_a_split_all_images_are_trained_on(whole: str) -> None:
    dataset = load_dataset(Data(dataset=whole, validation_split=0))
    assert same(dataset.train, TRAIN)
    assert dataset.validation is None
    with pytest.raises(DataError, match="there are no validation images: validation_split is 0"):
        dataset.split("validation")


def test_only_the_first_so_many_are_used_and_the_split_is_taken_of_those(whole: str) -> None:
    dataset = load_dataset(Data(dataset=whole, train_samples=10, test_samples=4, validation_split=0.2))
    assert same(dataset.train, TRAIN[:8])
    assert same(dataset.validation, TRAIN[8:10])
    assert same(dataset.test, TEST[:4])


def test_all_there_are_may_be_asked_for(whole: str) -> None:
    dataset = load_dataset(Data(dataset=whole, train_samples=20, test_samples=10, validation_split=0))
    assert same(dataset.train, TRAIN)
    assert same(dataset.test, TEST)


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"train_samples": 21}, "data.train_samples: 21 is more than the 20 images of .*whole.npz"),
        ({"test_samples": 11}, "data.test_samples: 11 is more than the 10 images of .*whole.npz"),
    ],
    ids=["train", "test"],
)
def test_more_than_there_are_is_refused(whole: str, limits: dict[str, int], message: str) -> None:
    with pytest.raises(DataError, match=message):
        load_dataset(Data(dataset=whole, **limits))


@pytest.mark.parametrize(("there", "missing"), [("train", ["test"]), ("test", ["train", "validation"])])
def test_a_part_that_a_source_does_not_have_is_missed_only_when_it_is_asked_for(
    folder: Path, there: str, missing: list[str]
) -> None:
    file = folder / f"{there}.npz"
    dataset = load_dataset(Data(dataset=str(file)))
    assert len(dataset.split(there)) > 0
    for part in missing:
        with pytest.raises(DataError, match=f"{file} has no {part} images"):
            dataset.split(part)


def test_other_data_may_have_fewer_images_than_the_config_takes(whole: str) -> None:
    dataset = load_dataset(Data(train_samples=500, test_samples=200), whole)
    assert dataset.test
    assert len(dataset.test) == 10


def test_another_source_may_take_the_place_of_the_configs(folder: Path, whole: str) -> None:
    dataset = load_dataset(Data(dataset="no such data"), whole)
    assert isinstance(dataset, Dataset)
    assert dataset.source.name == whole
    assert same(dataset.test, TEST)
