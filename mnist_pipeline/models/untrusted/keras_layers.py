"""The layers of a Keras model file, checked before Keras loads it."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mnist_pipeline.config.keras.catalog import KERAS_CLASS_NAMES
from mnist_pipeline.errors import RunError
from mnist_pipeline.models.untrusted.limits import MAX_MODEL_BYTES

MAX_ARCHITECTURE_BYTES = 10 * 2**20
MAX_LIST_LENGTH = 100  # numbers; a shape, or the padding of each side, has fewer than ten
MEMBERS = {"metadata.json", "config.json", "model.weights.h5"}
STRUCTURE = {"Functional", "InputLayer", "DTypePolicy", "__keras_tensor__"}
ALLOWED_CLASSES = STRUCTURE | KERAS_CLASS_NAMES


def check_layers(file: Path) -> dict[str, Any]:
    """The architecture of the Keras model in `file`, its config.json.

    It has only layers that a config can name. Raises RunError for other classes (Lambda among them), which could run
    code; for layers whose outputs could not be counted; for files that unpack to more than a model needs; and for what
    is no Keras model.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            _check_members(file, archive)
            architecture: dict[str, Any] = json.loads(archive.read("config.json"))
        _check_architecture(file, architecture)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, RecursionError) as error:
        raise RunError(f"{file} is not a Keras model: {error}") from error
    return architecture


def _check_members(file: Path, archive: zipfile.ZipFile) -> None:
    members = {member.filename: member.file_size for member in archive.infolist()}
    if members.keys() != MEMBERS or len(archive.infolist()) != len(MEMBERS):
        raise RunError(f"{file} is not a Keras model: it contains {', '.join(sorted(members)) or 'nothing'}")
    if sum(members.values()) > MAX_MODEL_BYTES or members["config.json"] > MAX_ARCHITECTURE_BYTES:
        raise RunError(f"{file} unpacks to {sum(members.values()):,} bytes, more than any model needs")


def _check_architecture(file: Path, architecture: Any) -> None:
    if any(len(numbers) > MAX_LIST_LENGTH for numbers in _number_lists(architecture)):
        raise _refusal(file, f"a list of more than {MAX_LIST_LENGTH} numbers, which no layer needs")
    classes = list(_classes(architecture))
    others = sorted({name for name in classes if name not in ALLOWED_CLASSES})
    if others:
        raise _refusal(file, f"{', '.join(others)}, which no config can name")
    if "Functional" in classes[1:]:
        raise _refusal(file, "a model inside a model, which no config makes")
    if any(map(_called_again, _mappings(architecture))):
        raise _refusal(file, "a layer that is called more than once, which no config makes")


def _refusal(file: Path, content: str) -> RunError:
    return RunError(f"{file} contains {content}. It was not loaded")


def _called_again(entry: dict[str, Any]) -> bool:
    """Whether this is a layer with more than one call.

    Or one that may also occur elsewhere, under another name.
    """
    calls = entry.get("inbound_nodes", [])
    return not isinstance(calls, list) or len(calls) > 1 or ("inbound_nodes" in entry and "shared_object_id" in entry)


def _all(value: Any) -> Iterator[Any]:
    """`value` and everything in it."""
    yield value
    if isinstance(value, list | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _all(each)


def _number_lists(architecture: Any) -> Iterator[list[Any]]:
    for value in _all(architecture):
        if isinstance(value, list) and any(isinstance(number, int | float) for number in value):
            yield value


def _mappings(architecture: Any) -> Iterator[dict[str, Any]]:
    return (value for value in _all(architecture) if isinstance(value, dict))


def _classes(architecture: Any) -> Iterator[str]:
    """Every class that Keras would instantiate, with its module if not of Keras."""
    match architecture:
        case {"class_name": str(name), **rest}:
            module, registered = rest.get("module"), rest.get("registered_name")
            foreign = not (module is None or str(module).split(".")[0] == "keras") or registered not in (None, name)
            yield f"{module}.{registered or name}" if foreign else name
            yield from _classes(rest)
        case dict():
            for value in architecture.values():
                yield from _classes(value)
        case list():
            for value in architecture:
                yield from _classes(value)
