"""Arguments of the Python interface, converted to what the package uses."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mnist_pipeline.errors import ConfigError, DataError, ImageError, MnistError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mnist_pipeline.config.load import LoadedConfig
    from mnist_pipeline.run.folder import Run

DATASET = "the name or file of a dataset"


def to_text(value: Any, name: str, expected: str, error: type[MnistError]) -> str:
    """A path or name as text. Raises `error` if it is something else, or empty."""
    if isinstance(value, str | os.PathLike) and isinstance(text := os.fspath(value), str) and text:
        return text
    raise error(f"{name}: expected {expected}, received {_described(value)}")


def _described(value: Any) -> str:
    return "an empty string" if isinstance(value, str) and not value else f"{value!r:.100} ({type(value).__name__})"


def load_config(
    config: str | os.PathLike[str] | Mapping[str, Any],
    overrides: Mapping[str, Any],
    data: str | os.PathLike[str] | None,
) -> "LoadedConfig":
    """The config in a file, preset or dict, with overrides. Raises ConfigError."""
    from mnist_pipeline.config.load import load, load_text

    if not isinstance(overrides, Mapping):
        expected = 'a dict, such as {"training.epochs": 3}'
        raise ConfigError(f"overrides: expected {expected}, received {_described(overrides)}")
    values = dict(overrides)
    if data is not None:
        values["data.dataset"] = to_text(data, "data", DATASET, DataError)
    assignments = [f"{key}={_json(value, key)}" for key, value in values.items()]
    if isinstance(config, Mapping):
        return load_text(_json(dict(config), "config", indent=2), "config", assignments)  # JSON is YAML
    return load(to_text(config, "config", "a preset, a YAML file or a dict", ConfigError), assignments)


def to_arrays_or_files(images: Any) -> Any:
    """An array of images, or a list of files.

    Arrays in a list are stacked. Raises ImageError for anything else.
    """
    if isinstance(images, str | os.PathLike):
        return [images]
    if _is_array(images):
        return images
    items = list(images) if isinstance(images, Iterable) and not isinstance(images, bytes) else None
    if items and all(map(_is_array, items)):
        import numpy as np

        arrays = [np.asarray(item) for item in items]
        shapes = {array.shape for array in arrays}
        if len(shapes) > 1:
            raise ImageError(f"images: expected arrays of one shape, received {' and '.join(map(str, sorted(shapes)))}")
        return np.stack(arrays)
    if items is None or not all(isinstance(item, str | os.PathLike) for item in items):
        raise ImageError(f"images: expected an array, or files and folders, received {_described(images)}")
    return items


def _is_array(value: Any) -> bool:
    return hasattr(value, "__array__") or hasattr(value, "__array_interface__")  # Pillow's images have the latter


def to_images(images: Any) -> "NDArray[np.uint8]":
    """`images` (n, 28, 28) or (28, 28) as uint8 (n, 28, 28).

    Raises DataError for another shape or type, or values outside 0–255.
    """
    import numpy as np

    from mnist_pipeline.data.images import validate

    array = np.asarray(images)
    if array.shape == (28, 28):
        array = array[None]
    if array.dtype.kind == "f":
        array = _whole(array)
    count = len(array) if array.ndim else 1
    if not count:
        return np.empty((0, 28, 28), np.uint8)
    return validate(array, np.zeros(count, np.uint8), "images").images


def _whole(array: "NDArray[Any]") -> "NDArray[np.uint8]":
    """Pixels 0–255 that are stored as floats. Raises DataError for fractions, and for 0 and 1 alone."""
    import numpy as np

    if array.size:
        smallest, largest = array.min(), array.max()
        if not (smallest >= 0 and 1 < largest <= 255 and (array == np.rint(array)).all()):
            raise DataError(
                "images: expected pixels that are whole numbers from 0 to 255 (uint8), received "
                f"{array.dtype} from {smallest:.4g} to {largest:.4g}. Do not divide them by 255. If they were: "
                '(255 * images).round().astype("uint8")'
            )
    return array.astype(np.uint8)


def read_files(paths: Sequence[str | os.PathLike[str]], run: "Run") -> "list[tuple[str, NDArray[np.uint8]]]":
    """Name and image of each file. Raises ImageError that lists all unreadable ones."""
    from mnist_pipeline.data.class_names import class_names
    from mnist_pipeline.data.preprocess.read import read_images

    names = tuple(to_text(path, "images", "files and folders", ImageError) for path in paths)
    if "-" in names:
        raise ImageError("-: expected image files or folders. Standard input is for the command line only")
    readable, errors = read_images(names, crop_to_digit=class_names(run) is None)
    if errors:
        raise ImageError("\n".join(errors))
    return readable


def _plain(value: Any) -> Any:
    """A path as text, a scalar of NumPy as Python's. Raises TypeError for anything else."""
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        return value.item()
    raise TypeError(f"received {_described(value)}")


def _json(value: Any, key: str, indent: int | None = None) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, indent=indent, default=_plain)
    except (TypeError, ValueError) as error:  # an array, or a list in itself
        raise ConfigError(f"{key}: expected dicts, lists, strings and numbers, as in YAML: {error}") from error
