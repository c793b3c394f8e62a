"""What a run says of itself in `run.json`, `metrics.json` and `history.csv`, held to what others rely on.

Not by pydantic: to import it takes more than half as long as all else that `mnist predict` does.
"""

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, NotRequired, Required, TypedDict, get_args, get_origin, get_type_hints, is_typeddict

from mnist_pipeline.errors import RunError
from mnist_pipeline.files import sha256
from mnist_pipeline.tasks import Kind, Scale

MAX_FILE_BYTES = 2**26
MAX_DIGITS = 300  # of a whole number; with more it is beyond every float
TYPE_NAMES = {str: "text", int: "a whole number", float: "a number", bool: "true or false", float | None: "a number"}
TYPES: dict[Any, tuple[type, ...]] = {float: (float, int), float | None: (float, int, type(None))}
CONTAINER_NAMES: dict[Any, str] = {dict: "a mapping", list: "a list"}


class Data(TypedDict):
    """Where the data came from."""

    sha256: str
    name: NotRequired[str]


class Resumption(TypedDict, total=False):
    """When a run was taken up again, and on what machine."""

    at: str
    versions: dict[str, str]
    hardware: dict[str, Any]
    threads: dict[str, Any]


class Task(TypedDict, total=False):
    """How to read what the model gives; the first versions said it otherwise."""

    kind: Required[Kind]
    scale: Scale


class Reduction(TypedDict):
    """A learning rate that ReduceLROnPlateau changed at the end of an epoch."""

    epoch: int
    before: float
    after: float
    monitor: str
    patience: int


class Ending(TypedDict, total=False):
    """Why training ended: `because` is epochs, all of which are done, or the name of the callback that stopped it.

    `weights_of_epoch`: the epoch whose weights the model has; `best_epoch`: the one in which `monitor` was best.
    """

    because: Required[str]
    epoch: Required[int]
    weights_of_epoch: Required[int]
    monitor: str
    patience: int
    best_epoch: int


class Record(TypedDict, total=False):
    """`run.json`; more may be said, and is kept."""

    status: Required[Literal["training", "finished", "interrupted", "failed"]]
    started: str
    config: str
    made_by: str
    parent: str
    error: str
    task: Task
    epochs: int
    training_seconds: float
    weights: int
    training_ended: Ending
    learning_rate_changes: list[Reduction]
    config_sha256: str
    data: Data
    class_names: list[str]
    versions: dict[str, str]
    hardware: dict[str, Any]
    threads: dict[str, Any]
    resumptions: list[Resumption]
    sha256: dict[str, str]


class Metrics(TypedDict):
    """`metrics.json`; more may be said, and is kept."""

    accuracy: float
    loss: float | None


def read_json(file: Path, shape: type) -> dict[str, Any]:
    """What `file` says, if it has the shape of that TypedDict. Raises RunError."""
    try:
        content: dict[str, Any] = json.loads(_text(file), parse_int=_whole_number)
    except (ValueError, RecursionError) as error:
        raise RunError(f"{file}: cannot read this file: {error}") from error
    wrong = next(_wrong(content, shape), None)
    if wrong:
        place, expected = wrong
        raise RunError(f"{file}: this is not what a run writes: {place or 'all of it'}: it should be {expected}")
    return content


def file_sha256(file: Path) -> str:
    """The SHA-256 of `file`. Raises RunError if it cannot be read."""
    try:
        return sha256(file)
    except OSError as error:
        raise RunError(f"{file}: cannot read this file: {error.strerror}") from error


def history_text(rows: Sequence[dict[str, float]]) -> str:
    """`history.csv`: a row an epoch; the columns are those of the first row."""
    import csv
    import io

    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else ["epoch"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def json_text(content: dict[str, Any]) -> str:
    """`content` as JSON, which has no number that is not finite: null stands in its place."""
    return json.dumps(_finite(content), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def read_history(file: Path) -> list[dict[str, str]]:
    """A row an epoch, as written. Raises RunError."""
    import csv
    import io

    try:
        return list(csv.DictReader(io.StringIO(_text(file))))
    except (ValueError, csv.Error) as error:
        raise RunError(f"{file}: cannot read this file: {error}") from error


def _whole_number(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"a number of {len(digits)} digits")
    return int(digits)


def _finite(value: Any) -> Any:
    match value:
        case dict():
            return {name: _finite(each) for name, each in value.items()}
        case list() | tuple():
            return [_finite(each) for each in value]
        case float():
            return value if math.isfinite(value) else None
    return value


def _text(file: Path) -> str:
    """Raises RunError if it cannot be read, or is larger than any that a run writes; ValueError if it is no text."""
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise RunError(f"{file}: cannot read this file: {error.strerror}") from error
    if len(content) > MAX_FILE_BYTES:
        raise RunError(f"{file}: larger than 64 MiB, which no run writes")
    return content.decode()


def _wrong(value: Any, shape: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """The places in `value` that are not of `shape`, each with what it should be."""
    if get_origin(shape) is Literal:
        if value not in get_args(shape):
            yield place, f"one of {', '.join(get_args(shape))}"
    elif is_typeddict(shape) or get_origin(shape) in CONTAINER_NAMES:
        container = dict if is_typeddict(shape) else get_origin(shape)
        if isinstance(value, container):
            yield from _wrong_inside(dict(enumerate(value)) if container is list else value, shape, place)
        else:
            yield place, CONTAINER_NAMES[container]
    elif shape is not Any and type(value) not in TYPES.get(shape, (shape,)):
        yield place, TYPE_NAMES[shape]


def _wrong_inside(values: dict[Any, Any], shape: Any, place: str) -> Iterator[tuple[str, str]]:
    fields = get_type_hints(shape) if is_typeddict(shape) else dict.fromkeys(values, get_args(shape)[-1])
    for name, inner in fields.items():
        below = f"{place}.{name}" if place else name
        if name in values:
            yield from _wrong(values[name], inner, below)
        elif name in shape.__required_keys__:
            yield below, "there"
