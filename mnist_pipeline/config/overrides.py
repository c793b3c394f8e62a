"""`--set KEY=VALUE`: another value at a dotted key, read as YAML."""

from itertools import pairwise

from mnist_pipeline.config.document import Document, Path, Place, Problem
from mnist_pipeline.config.source import parse
from mnist_pipeline.errors import ConfigError

NAME = "--set"


def override(document: Document, assignment: str, number: int) -> None:
    """Set one value in `document`; `number` counts the assignments of a command from 1, for messages.

    Raises ConfigError if `assignment` is not KEY=VALUE, its value is not YAML, or its key leads nowhere.
    """
    key, equals, value = assignment.partition("=")
    start = Place(NAME, number, 1, assignment)
    if not equals or not key.strip():
        raise ConfigError(str(Problem(start, "expected KEY=VALUE, such as training.epochs=3")))
    branch = parse(value, NAME, before=f"{key}=", line=number)
    document.graft(_path(document, key.strip(), start), branch)


def _path(document: Document, key: str, start: Place) -> Path:
    """The path of the dotted `key`; what is missing on the way is made."""
    parts = key.split(".")
    path: Path = ()
    for part, following in pairwise(parts):
        path = (*path, _step(document, path, part, start))
        _open(document, path, following, start)
    return (*path, _step(document, path, parts[-1], start))


def _step(document: Document, path: Path, part: str, start: Place) -> str | int:
    match document.get(path):
        case dict():
            return part
        case list() as items if part.isascii() and part.isdecimal() and int(part) < len(items):
            return int(part)
        case list() as items:
            there = f"the positions 0 to {len(items) - 1}" if items else "nothing in it"
            message = f"'{_dotted(path)}' is a list with {there}; '{part}' is none of them"
        case value:
            message = f"'{_dotted(path)}' is {value!r}, so nothing stands below it. Set it as a whole"
    raise ConfigError(str(Problem(start, message)))


def _open(document: Document, path: Path, following: str, start: Place) -> None:
    """Let something stand below `path`: where there is nothing yet, or a bare name (`optimizer: Adam`)."""
    value = document.get(path)
    if value is None:
        document.graft(path, Document({}, {(): start}))
    elif value == following:
        document.graft(path, Document({following: {}}, {(): start, (following,): start}))


def _dotted(path: Path) -> str:
    return ".".join(map(str, path))
