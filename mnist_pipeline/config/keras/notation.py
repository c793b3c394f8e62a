"""How a config writes an object, with a gap for the reader to fill where something is missing."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from mnist_pipeline.config.keras.spec import Registry
from mnist_pipeline.config.suggestions import suggest
from mnist_pipeline.config.values import MAX_TEXT_LENGTH
from mnist_pipeline.config.yaml.writer import dump

ANYTHING = "…"
CERTAIN = 0.8  # how similar a name has to be that is taken for another one


def argument_of(written: str, fields: Sequence[str]) -> str | None:
    """The argument that is surely meant by `written`."""
    return written if written in fields else suggest(written, fields, CERTAIN)


def with_gaps(table: Registry, name: str, config: dict[str, Any]) -> Any:
    """`name` with the arguments in `config`, where what is missing or wrong is a gap."""
    gaps = {}
    try:
        table.read({name: config})
    except ValidationError as error:
        wrong = dict.fromkeys(str(each["loc"][1]) for each in error.errors())
        gaps = {argument: ANYTHING for argument in wrong if ANYTHING not in str(config.get(argument))}
    return {name: config | gaps} if config or gaps else name


def flow(thing: Any) -> str:
    """`thing` as a config writes it in one line."""
    if isinstance(thing, str):
        return thing
    text = dump(thing, in_line=True).strip()[1:-1]
    return text if len(text) <= MAX_TEXT_LENGTH else gap(next(iter(thing)))


def gap(name: str, arguments: bool = True) -> str:
    """`name` with arguments that are for the reader to fill in."""
    return f"{name}: {{{ANYTHING}: {ANYTHING}}}" if arguments else name
