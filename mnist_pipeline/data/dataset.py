"""The train, validation and test splits that a config describes."""

import math
from dataclasses import dataclass

from mnist_pipeline.config.schema import Data
from mnist_pipeline.data.images import Images
from mnist_pipeline.data.sources import FULL_ACCESS, Access, Source, load
from mnist_pipeline.errors import DataError

SPLITS = ("test", "validation", "train")


@dataclass(frozen=True)
class Dataset:
    """The splits of `source` as a config describes them; None if there is none."""

    source: Source
    train: Images | None
    validation: Images | None
    test: Images | None

    def split(self, name: str) -> Images:
        """The split called train, validation or test. Raises DataError if there is none."""
        if name not in SPLITS:
            raise DataError(f"split: expected test, validation or train, received {name!r}")
        images: Images | None = getattr(self, name)
        if images is None:
            if name == "validation" and self.train:
                raise DataError("there are no validation images: validation_split is 0")
            raise DataError(f"{self.source.origin} has no {name} images")
        return images


def load_dataset(data: Data, source_name: str | None = None, access: Access = FULL_ACCESS) -> Dataset:
    """The splits that `data` describes.

    `source_name`, if not None, replaces its `dataset`; of that, `train_samples` and `test_samples` are the most that is
    used. Raises DataError if the source cannot be read, or has fewer images than `data` takes of its own dataset.
    """
    source = load(data.dataset if source_name is None else source_name, access)
    required = source_name in (None, data.dataset)
    train = _first(source, "train", data.train_samples, required)
    test = _first(source, "test", data.test_samples, required)
    if train is None:
        return Dataset(source, None, None, test)
    train, validation = _split(train, data.validation_split)
    return Dataset(source, train, validation, test)


def _first(source: Source, split: str, samples: int | None, required: bool) -> Images | None:
    images = source.splits.get(split)
    if images is None or samples is None:
        return images
    if required and samples > len(images):
        raise DataError(f"data.{split}_samples: {samples:,} is more than the {len(images):,} images of {source.origin}")
    return images[:samples]


def _split(train: Images, validation_split: float) -> tuple[Images, Images | None]:
    """Keras' split: the last part, before any shuffling."""
    if not validation_split:
        return train, None
    boundary = math.floor(len(train) * (1 - validation_split))
    if boundary in (0, len(train)):
        raise DataError(
            f"data.validation_split: {validation_split} of {len(train)} images leaves none to "
            f"{'validate with' if boundary else 'train on'}. Change it, or use 0 for no validation"
        )
    return train[:boundary], train[boundary:]
