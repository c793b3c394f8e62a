"""pydantic's errors -> messages for the user: `KEY: expected …, received …`."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mnist_pipeline.config.formatting import format_value, shorten
from mnist_pipeline.config.hints import key_hint, value_hint
from mnist_pipeline.config.keras.unsupported import argument_reason
from mnist_pipeline.config.suggestions import list_names, suggest

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

MAX_DIAGNOSTICS = 20  # shown at once; further ones are counted

# The alternatives of a union, which pydantic counts as a part of the path, as messages name them.
TAGS = {"number": "a number", "list": "a list", "text": "a string", "mapping": "a mapping"}

# pydantic's words -> plainer ones.
PLAIN_WORDS = {
    "a valid integer": "an integer",
    "a valid number": "a number",
    "a valid boolean": "true or false",
    "a valid string": "a string",
    "a valid list": "a list",
    "a valid dictionary": "a mapping (argument: value)",
}
COMPARISONS = {
    "greater than or equal to": "a number of at least",
    "less than or equal to": "a number of at most",
    "greater than": "a number greater than",
    "less than": "a number less than",
}

# Key -> what may stand in place of the names that pydantic lists.
ALSO_EXPECTED = {"target": ["{positive: [1, 3]}"]}


@dataclass(frozen=True)
class OwnedError:
    """An error of pydantic about a key of `owner`.

    `owner` is a section, or a Keras object; `names` are all its keys.
    """

    error: "ErrorDetails"
    owner: str
    names: Sequence[str]

    @property
    def key(self) -> str:
        """The last key of the path; positions in lists and the tags of unions are no keys."""
        parts = (part for part in reversed(self.error["loc"]) if isinstance(part, str) and part not in TAGS)
        return next(parts, "value")

    @property
    def noun(self) -> str:
        """`argument` for a Keras object, which has a capital letter; `key` for a section."""
        return "argument" if self.owner[:1].isupper() else "key"

    @property
    def received(self) -> str:
        """The value as a message shows it."""
        return format_value(self.error["input"])


def format_error(error: "ErrorDetails", owner: str, names: Iterable[str]) -> str:
    """The message for `error`: what is wrong, and what to write.

    `owner` is the section or object with the key concerned; `names` are all its keys.
    """
    sentence = FORMATS.get(error["type"], _wrong_value)
    return sentence(OwnedError(error, owner, list(names))) + value_hint(error)


def drop_implied_errors(
    errors: "list[ErrorDetails]", names_at: Callable[[tuple[str | int, ...]], Iterable[str]]
) -> "list[ErrorDetails]":
    """`errors` without a missing `units` beside an unknown `unit`, and the like.

    `names_at` gives the keys that a path may have. Only the first of very many unknown keys are compared.
    """
    owners = {error["loc"][:-1] for error in errors if error["type"] == "missing"}
    unknown = [error["loc"] for error in errors if error["type"] == "extra_forbidden" and error["loc"][:-1] in owners]
    intended = {(*above, suggest(str(key), names_at(tuple(above)))) for *above, key in unknown[:MAX_DIAGNOSTICS]}
    return [error for error in errors if not (error["type"] == "missing" and error["loc"] in intended)]


def _missing(owned: OwnedError) -> str:
    return f"{owned.owner}: missing required {owned.noun} '{owned.error['loc'][-1]}'"


def _unknown_key(owned: OwnedError) -> str:
    key = str(owned.error["loc"][-1])
    unknown = f"{owned.owner}: unknown {owned.noun} '{shorten(key)}'"
    reason = argument_reason(owned.owner, key) if owned.noun == "argument" else None
    if reason:
        return f"{unknown}. Leave it out: {reason}"
    return key_hint(key) or f"{unknown}. {_alternative(key, owned.names) or f'{owned.owner} takes none'}"


def _unknown_value(owned: OwnedError) -> str:
    expected = re.findall(r"'[^']*'|True|False", owned.error["ctx"]["expected"])
    choices = [each.lower() if each in ("True", "False") else each.strip("'") for each in expected]
    choices += ALSO_EXPECTED.get(owned.key, [])
    alternative = "" if value_hint(owned.error) else f". {_alternative(str(owned.error['input']), choices)}"
    return f"{owned.key}: unknown value {owned.received}{alternative}"


def _no_alternative(owned: OwnedError) -> str:
    tags = owned.error["ctx"]["expected_tags"].replace("'", "").split(", ")
    return f"{owned.key}: expected {' or '.join(TAGS[tag] for tag in tags)}, received {owned.received}"


def _wrong_value(owned: OwnedError) -> str:
    return f"{owned.key}: {_plain(owned.error['msg'])}, received {owned.received}"


def _plain(message: str) -> str:
    """A `message` of pydantic without the terms of the library."""
    message = message.replace("Input should be ", "expected ").replace("List should have", "expected")
    message = re.sub(r" after validation, not \d+$", "", message)
    for formal, plain in PLAIN_WORDS.items():
        message = message.replace(formal, plain)
    comparison = next((each for each in COMPARISONS if each in message), None)
    return message.replace(comparison, COMPARISONS[comparison]) if comparison else message


def _alternative(name: str, names: Sequence[str]) -> str:
    """What to write instead of `name`; empty if there is nothing to choose from."""
    suggestion = suggest(name, names)
    return f"Did you mean '{suggestion}'?" if suggestion else list_names(name, names) if names else ""


def _no_mapping(owned: OwnedError) -> str:
    return f"{owned.key}: expected key: value pairs, received {owned.received}"


# pydantic's type of error -> its sentence; every other type is a wrong value.
FORMATS: dict[str, Callable[[OwnedError], str]] = {
    "worded": lambda owned: owned.error["msg"],
    "unknown_key": lambda owned: owned.error["msg"],
    "no_length": lambda owned: f"{owned.key}: {owned.error['msg']}",
    "missing": _missing,
    "extra_forbidden": _unknown_key,
    "literal_error": _unknown_value,
    "model_type": _no_mapping,
    "dict_type": _no_mapping,
    "model_attributes_type": _no_mapping,
    "union_tag_invalid": _no_alternative,
}
