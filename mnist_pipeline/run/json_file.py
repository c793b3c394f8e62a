"""JSON files of a run: finite numbers only, and the shape of a TypedDict.

Not by pydantic: to import it takes more than half as long as all else that `mnist predict` does.
"""

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints, is_typeddict

from mnist_pipeline.errors import RunError
from mnist_pipeline.run.files import COPY_OR_TRAIN, read_text

MAX_DIGITS = 300  # of an integer; with more it is beyond every float
MAX_VALUE_LENGTH = 40  # characters of a value in a message
TYPE_NAMES: dict[Any, str] = {
    str: "a string", int: "an integer", float: "a number", bool: "true or false", dict: "a mapping", list: "a list",
    float | None: "a number or null", str | None: "a string or null",
}  # fmt: skip
TYPES: dict[Any, tuple[type, ...]] = {
    float: (float, int), float | None: (float, int, type(None)), str | None: (str, type(None)),
}  # fmt: skip


def json_text(content: Mapping[str, Any]) -> str:
    """`content` as JSON; numbers that are not finite become null."""
    return json.dumps(finite(content), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def read_json(file: Path, shape: type) -> Any:
    """The content of `file`. Raises RunError if it has not the `shape`, a TypedDict."""
    try:
        content = json.loads(read_text(file), parse_int=_integer)
    except (ValueError, RecursionError) as error:
        raise RunError(f"{file}: cannot read this file: {error}. {COPY_OR_TRAIN}") from error
    mismatch = next(_mismatches(content, shape), None)
    if mismatch:
        raise RunError(f"{file}: {mismatch}. This file was changed, or is damaged. {COPY_OR_TRAIN}")
    return content


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"an integer of {len(digits)} digits")
    return int(digits)


def finite(value: Any) -> Any:
    """`value` with None instead of numbers that are not finite, which JSON lacks."""
    match value:
        case dict():
            return {name: finite(each) for name, each in value.items()}
        case list() | tuple():
            return [finite(each) for each in value]
        case float():
            return value if math.isfinite(value) else None
    return value


def _mismatches(value: Any, shape: Any, key_path: str = "") -> Iterator[str]:
    """Values within `value` that have not the type in `shape`, a line each.

    Such as `data.sha256: expected a string, received 3`.
    """
    if get_origin(shape) is Literal:
        if value not in get_args(shape):
            yield _mismatch(key_path, f"one of {', '.join(get_args(shape))}", value)
    elif is_typeddict(shape) or get_origin(shape) in (dict, list):
        container = dict if is_typeddict(shape) else get_origin(shape)
        if isinstance(value, container):
            yield from _mismatches_inside(dict(enumerate(value)) if container is list else value, shape, key_path)
        else:
            yield _mismatch(key_path, TYPE_NAMES[container], value)
    elif shape is not Any and type(value) not in TYPES.get(shape, (shape,)):
        yield _mismatch(key_path, TYPE_NAMES[shape], value)


def _mismatches_inside(values: dict[Any, Any], shape: Any, key_path: str) -> Iterator[str]:
    fields = get_type_hints(shape) if is_typeddict(shape) else dict.fromkeys(values, get_args(shape)[-1])
    for name, inner in fields.items():
        below = f"{key_path}.{name}" if key_path else name
        if name in values:
            yield from _mismatches(values[name], inner, below)
        elif name in shape.__required_keys__:
            yield f"{below} is missing"


def _mismatch(key_path: str, expected: str, value: Any) -> str:
    try:
        received = json.dumps(value, ensure_ascii=False)
    except RecursionError:  # at this depth json can still read, and no longer write
        received = "a value nested too deeply"
    if len(received) > MAX_VALUE_LENGTH:
        received = f"{received[: MAX_VALUE_LENGTH - 3]}..."
    return f"{key_path or 'its content'}: expected {expected}, received {received}"
