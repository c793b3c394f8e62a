"""What is in a Keras model, seen before Keras loads it: a model may come from a stranger."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mnist_pipeline.config.keras.catalog import CLASS_NAMES
from mnist_pipeline.errors import RunError
from mnist_pipeline.models.untrusted.limits import MAX_MODEL_BYTES

MAX_DESCRIPTION_BYTES = 10 * 2**20  # in bytes, of text
MAX_LIST_LENGTH = 100  # numbers; a shape, or what is padded on each side, has fewer than ten
MEMBERS = {"metadata.json", "config.json", "model.weights.h5"}
STRUCTURE = {"Functional", "InputLayer", "DTypePolicy", "__keras_tensor__"}
KNOWN = STRUCTURE | CLASS_NAMES


def check_layers(file: Path) -> dict[str, Any]:
    """What the Keras model in `file` is made of: layers that a config can name, and nothing that runs code.

    Raises RunError for any other: layers of unknown classes (Lambda among them), layers whose values would not be
    counted, files that unpack to more than a model needs, and what is no model at all.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            _check_sizes(file, archive)
            description: dict[str, Any] = json.loads(archive.read("config.json"))
        _check_description(file, description)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, RecursionError) as error:
        raise RunError(f"{file} is not a Keras model: {error}") from error
    return description


def _check_description(file: Path, description: Any) -> None:
    if any(len(numbers) > MAX_LIST_LENGTH for numbers in _lists(description)):
        raise RunError(
            f"{file} holds a list of more than {MAX_LIST_LENGTH} numbers, which no layer needs. It was not loaded"
        )
    classes = list(_classes(description))
    strange = sorted({name for name in classes if name not in KNOWN})
    if strange:
        raise RunError(f"{file} holds {', '.join(strange)}, which no config can name. It was not loaded")
    if "Functional" in classes[1:]:
        raise RunError(f"{file} holds a model inside a model, which no config makes. It was not loaded")
    if any(map(_called_again, _mappings(description))):
        raise RunError(f"{file} holds a layer that is called more than once, which no config makes. It was not loaded")


def _called_again(entry: dict[str, Any]) -> bool:
    """Whether this is a layer with more than one call, or one that may also stand elsewhere, under another name."""
    calls = entry.get("inbound_nodes", [])
    return not isinstance(calls, list) or len(calls) > 1 or ("inbound_nodes" in entry and "shared_object_id" in entry)


def _check_sizes(file: Path, archive: zipfile.ZipFile) -> None:
    members = {member.filename: member.file_size for member in archive.infolist()}
    if members.keys() != MEMBERS or len(archive.infolist()) != len(MEMBERS):
        raise RunError(f"{file} is not a Keras model: it holds {', '.join(sorted(members)) or 'nothing'}")
    if sum(members.values()) > MAX_MODEL_BYTES or members["config.json"] > MAX_DESCRIPTION_BYTES:
        raise RunError(f"{file} unpacks to {sum(members.values()):,} bytes, more than any model here needs")


def _all(description: Any) -> Iterator[Any]:
    """`description` and every value in it."""
    yield description
    if isinstance(description, list | dict):
        for value in description.values() if isinstance(description, dict) else description:
            yield from _all(value)


def _lists(description: Any) -> Iterator[list[Any]]:
    """Every list in `description` that holds numbers."""
    for value in _all(description):
        if isinstance(value, list) and any(isinstance(number, int | float) for number in value):
            yield value


def _mappings(description: Any) -> Iterator[dict[str, Any]]:
    return (value for value in _all(description) if isinstance(value, dict))


def _classes(description: Any) -> Iterator[str]:
    """Every class that `description` would make, with its module where that is not one of Keras."""
    match description:
        case {"class_name": str(name), **rest}:
            module, registered = rest.get("module"), rest.get("registered_name")
            foreign = not (module is None or str(module).split(".")[0] == "keras") or registered not in (None, name)
            yield f"{module}.{registered or name}" if foreign else name
            yield from _classes(rest)
        case dict():
            for value in description.values():
                yield from _classes(value)
        case list():
            for value in description:
                yield from _classes(value)
