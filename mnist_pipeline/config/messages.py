"""pydantic's findings in the words of someone who is learning."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mnist_pipeline.config.suggestions import UNNEEDED_ARGUMENTS, list_names, suggest
from mnist_pipeline.config.values import format_value, shorten, with_article

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from mnist_pipeline.config.keras.spec import Registry

# The alternatives of a union, which pydantic counts as a part of the path.
TAGS = ("number", "list", "text", "mapping")

# The findings that quotes or Python's notation may have brought about.
MISREAD = ("int_type", "float_type", "bool_type", "union_tag_invalid", "literal_error", "no_length", "list_type")

# The keys whose values are lists of objects.
LISTS = ("layers", "metrics", "callbacks")

PLAIN_WORDS = {
    "a valid integer": "a whole number",
    "a valid number": "a number",
    "a valid boolean": "true or false",
    "a valid string": "text",
    "a valid list": "a list",
    "a valid dictionary": "a mapping (argument: value)",
}


# How many problems are told at once; the others are counted.
MAX_DIAGNOSTICS = 20


@dataclass(frozen=True, repr=False)
class InvalidArgument:
    """An error of pydantic about an argument of `owner`, whose arguments are `known`.

    It has no text of its own: pydantic asks for that with every list of errors.
    """

    error: "ErrorDetails"
    owner: str
    known: Sequence[str]


def drop_implied_errors(
    errors: "list[ErrorDetails]", known: Callable[[tuple[str | int, ...]], Iterable[str]]
) -> "list[ErrorDetails]":
    """`errors` less those that another one explains: a missing `units` beside an unknown `unit`.

    `known` gives the keys that there are at a path. Of very many unknown keys the first alone explain anything.
    """
    owners = {error["loc"][:-1] for error in errors if error["type"] == "missing"}
    unknown = [error["loc"] for error in errors if error["type"] == "extra_forbidden" and error["loc"][:-1] in owners]
    meant = {(*above, suggest(str(key), known(tuple(above)))) for *above, key in unknown[:MAX_DIAGNOSTICS]}
    return [error for error in errors if not (error["type"] == "missing" and error["loc"] in meant)]


def format_error(error: "ErrorDetails", owner: str, known: Iterable[str]) -> str:
    """One finding of pydantic as a sentence; `owner` is what the key belongs to, `known` the keys it has."""
    if "finding" in error.get("ctx", {}):
        finding = error["ctx"]["finding"]
        return format_error(finding.error, finding.owner, finding.known)
    known, name, received = list(known), _name(error), format_value(error["input"])
    key = str(error["loc"][-1]) if error["loc"] else owner
    match error["type"]:
        case "worded" | "unknown_key" | "no_length":
            sentence = error["msg"]
        case "unknown_name":
            sentence = _unknown(**error["ctx"])
        case "missing":
            sentence = f"{owner} needs '{key}', and it is missing"
        case "extra_forbidden":
            sentence = _cut_off(key) or f"{owner} has no '{shorten(key)}'. {_rest(key, known, owner)}"
        case "literal_error":
            names = [
                choice.strip("'").lower() if choice in ("True", "False") else choice.strip("'")
                for choice in re.findall(r"'[^']*'|True|False", error["ctx"]["expected"])
            ]
            rest = "" if _habit(error) else f". {_rest(str(error['input']), names)}"
            sentence = f"{name}: {received} is not known here{rest}"
        case "model_type" | "dict_type" | "model_attributes_type":
            sentence = f"{name}: expected key: value pairs, received {received}"
        case "union_tag_invalid":
            sentence = f"{name}: {_call(error['input']) or f'expected {_either(error)}, received {received}'}"
        case _:
            sentence = f"{name}: {_plain(error['msg'])}, received {received}"
    return sentence + _habit(error)


def _rest(name: str, known: list[str], owner: str = "") -> str:
    if name in UNNEEDED_ARGUMENTS and owner[:1].isupper():  # Keras' objects, not the sections of a config
        return f"Leave it out: {UNNEEDED_ARGUMENTS[name]}"
    meant = suggest(name, known)
    return f"Did you mean '{meant}'?" if meant else list_names(name, known)


def _unknown(table: "Registry", written: str) -> str:
    """What to say of a name that `table` does not have."""
    from mnist_pipeline.config.keras.unknown_names import unknown  # as below

    return unknown(table, written)


def _call(value: object) -> str | None:
    """What to write for a call in Python's notation."""
    if not isinstance(value, str):
        return None
    from mnist_pipeline.config.keras.python_calls import (
        call,  # which looks into the catalog, whose findings are worded here
    )

    return call(value)


def _cut_off(key: str) -> str | None:
    """What to say of `3)`, which YAML makes of `{kernel_size: (3, 3)}`."""
    if not key.endswith(")") or "(" in key:
        return None
    written = "[3, 3] for a list, Name: {argument: value} for a call"
    return f"'{shorten(key)}' is the end of Python's parentheses. A config writes {written}"


def _habit(error: "ErrorDetails") -> str:
    """What to do where quotes make text of a number, a number should be text, or a value is written as in Python."""
    value = error["input"]
    if error["type"] == "list_type" and error["loc"][-1:] and error["loc"][-1] in LISTS:
        return _as_list(value)
    if error["type"] == "string_type" and isinstance(value, (bool, int, float)):
        return ": put it in quotes"
    if not isinstance(value, str) or error["type"] not in MISREAD:
        return ""
    if value == "None":
        return ": leave it out, or write null"
    if value.startswith("("):
        return ". A config writes a list as [3, 3]"
    number = re.fullmatch(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?", value) and error["type"] != "bool_type"
    truth = value in ("true", "false") and error["type"] in ("bool_type", "literal_error")
    return ": it has quotes, which make it text. Remove them" if number or truth else ""


def _as_list(value: object) -> str:
    """How to write a list of the one object `value`."""
    if isinstance(value, str) and value.isidentifier():
        return f": write [{value}]"
    if isinstance(value, dict) and value:
        name, arguments = next(iter(value.items()))
        return f": write '- {shorten(str(name))}{': …' if arguments else ''}', with '- ' in front of each"
    return ""


def _plain(message: str) -> str:
    message = message.replace("Input should be ", "expected ").replace("List should have", "expected")
    message = re.sub(r"expected (greater|less)", r"expected a number \1", message).replace(" after validation", "")
    for formal, simple in PLAIN_WORDS.items():
        message = message.replace(formal, simple)
    return message


def _name(error: "ErrorDetails") -> str:
    """The last key of the place; list positions and the tags of unions are no names a reader knows."""
    return next((part for part in reversed(error["loc"]) if isinstance(part, str) and part not in TAGS), "value")


def _either(error: "ErrorDetails") -> str:
    tags = error["ctx"]["expected_tags"].replace("'", "")
    return " or ".join(with_article(tag) if tag != "text" else tag for tag in tags.split(", "))
