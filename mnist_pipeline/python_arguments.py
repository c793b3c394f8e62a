"""Arguments of the Python interface, converted to what the package uses."""

import json
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mnist_pipeline.errors import ConfigError, DataError, ImageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mnist_pipeline.config.load import LoadedConfig
    from mnist_pipeline.run.folder import Run

SPLITS = ("test", "validation", "train")


def require_split(name: Any) -> None:
    """Raise DataError if `name` is no split."""
    if name not in SPLITS:
        raise DataError(f"split: expected test, validation or train, received {name!r}")


def load_config(
    config: str | os.PathLike[str] | Mapping[str, Any],
    overrides: Mapping[str, Any],
    data: str | os.PathLike[str] | None,
) -> "LoadedConfig":
    """The config in a file, preset or dict, with overrides. Raises ConfigError."""
    from mnist_pipeline.config.load import load, load_text

    values = dict(overrides) | ({} if data is None else {"data.dataset": os.fspath(data)})
    assignments = [f"{key}={_json(value, key)}" for key, value in values.items()]
    if isinstance(config, Mapping):
        return load_text(_json(dict(config), "config", indent=2), "config", assignments)  # JSON is YAML
    return load(os.fspath(config), assignments)


def to_images(images: Any) -> "NDArray[np.uint8]":
    """`images` (n, 28, 28) or (28, 28) as uint8 (n, 28, 28).

    Raises DataError for another shape or type, or values outside 0–255.
    """
    import numpy as np

    from mnist_pipeline.data.images import validate

    array = np.asarray(images)
    if array.shape == (28, 28):
        array = array[None]
    if not len(array):
        return np.empty((0, 28, 28), np.uint8)
    return validate(array, np.zeros(len(array), np.uint8), "images").images


def read_files(paths: Sequence[str | os.PathLike[str]], run: "Run") -> "list[tuple[str, NDArray[np.uint8]]]":
    """Name and image of each file. Raises ImageError that lists all unreadable ones."""
    from mnist_pipeline.data.class_names import class_names
    from mnist_pipeline.data.preprocess.read import read_images

    names = tuple(os.fspath(path) for path in paths)
    if "-" in names:
        raise ImageError("-: expected image files or folders. Standard input is for the command line only")
    readable, errors = read_images(names, crop_to_digit=class_names(run) is None)
    if errors:
        raise ImageError("\n".join(errors))
    return readable


def _json(value: Any, key: str, indent: int | None = None) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, indent=indent)
    except (TypeError, ValueError) as error:  # an array, or a list in itself
        raise ConfigError(f"{key}: expected dicts, lists, strings and numbers, as in YAML: {error}") from error
