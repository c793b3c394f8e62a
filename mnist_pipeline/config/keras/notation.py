"""Keras objects as YAML, as messages suggest them.

A placeholder stands for an argument that is missing or unknown.
"""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from mnist_pipeline.config.formatting import MAX_TEXT_LENGTH
from mnist_pipeline.config.keras.spec import Registry
from mnist_pipeline.config.suggestions import suggest
from mnist_pipeline.config.yaml.writer import dump

PLACEHOLDER = "…"
MIN_SIMILARITY = 0.8  # of a name that may be replaced by the suggestion


def suggest_argument(spelling: str, arguments: Sequence[str]) -> str | None:
    """The argument that `spelling` certainly means, if any."""
    return spelling if spelling in arguments else suggest(spelling, arguments, MIN_SIMILARITY)


def with_placeholders(registry: Registry, name: str, config: dict[str, Any]) -> Any:
    """`name` with the arguments in `config`, placeholders for missing and wrong ones."""
    replaced = {}
    try:
        registry.read({name: config})
    except ValidationError as error:
        wrong = dict.fromkeys(str(each["loc"][1]) for each in error.errors())
        replaced = {argument: PLACEHOLDER for argument in wrong if PLACEHOLDER not in str(config.get(argument))}
    return {name: config | replaced} if config or replaced else name


def to_flow_yaml(value: Any) -> str:
    """`value` as one line of YAML, without its arguments if that is too long."""
    if isinstance(value, str):
        return value
    text = dump(value, in_line=True).strip()[1:-1]
    return text if len(text) <= MAX_TEXT_LENGTH else placeholder(next(iter(value)))


def placeholder(name: str) -> str:
    """`name` with arguments to fill in."""
    return f"{name}: {{{PLACEHOLDER}: {PLACEHOLDER}}}"
