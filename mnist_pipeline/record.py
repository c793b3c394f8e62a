"""What a run says of itself in `run.json`, `metrics.json` and `history.csv`, held to what others rely on."""

import csv
import io
import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from mnist_pipeline.errors import RunError
from mnist_pipeline.task import Task

LARGEST_FILE = 2**26


class _Strict(BaseModel):
    """More may be said, and is kept."""

    model_config = ConfigDict(extra="allow", strict=True)


class Data(_Strict):
    """Where the data came from."""

    sha256: str


class Record(_Strict):
    """`run.json`."""

    status: Literal["training", "finished", "interrupted", "failed"]
    started: str = ""
    task: Task | None = None
    epochs: int | None = None
    training_seconds: float | None = None
    weights: int | None = None
    config_sha256: str | None = None
    data: Data | None = None
    versions: dict[str, str] | None = None
    hardware: dict[str, Any] | None = None
    threads: dict[str, Any] | None = None
    sha256: dict[str, str] | None = None


class Figures(_Strict):
    """`metrics.json`."""

    accuracy: float
    loss: float


def read_json(file: Path, shape: type[BaseModel]) -> dict[str, Any]:
    """What `file` says, if it has that shape. Raises RunError."""
    try:
        content: dict[str, Any] = json.loads(_text(file))
        shape.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise RunError(f"{file}: this is not what a run writes: {place or 'all of it'}: {first['msg']}") from error
    except (ValueError, RecursionError) as error:
        raise RunError(f"{file}: cannot read this file: {error}") from error
    return content


def read_history(file: Path) -> list[dict[str, str]]:
    """A row an epoch, as written. Raises RunError."""
    try:
        return list(csv.DictReader(io.StringIO(_text(file))))
    except (ValueError, csv.Error) as error:
        raise RunError(f"{file}: cannot read this file: {error}") from error


def _text(file: Path) -> str:
    """Raises RunError if it cannot be read, or is larger than any that a run writes; ValueError if it is no text."""
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST_FILE + 1)
    except OSError as error:
        raise RunError(f"{file}: cannot read this file: {error.strerror}") from error
    if len(content) > LARGEST_FILE:
        raise RunError(f"{file}: larger than 64 MiB, which no run writes")
    return content.decode()
