"""Hints for values and keys written as in Python, or with needless quotes."""

import re
from typing import TYPE_CHECKING

from mnist_pipeline.config.formatting import shorten

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

# pydantic's types of errors that quotes or Python's notation may have caused.
WRONG_TYPE = ("int_type", "float_type", "bool_type", "union_tag_invalid", "literal_error", "no_length", "list_type")
NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
TUPLE = re.compile(r"\(\d+(, ?\d+)*\)")

# The keys whose values are lists of objects.
LISTS = ("layers", "metrics", "callbacks")


def value_hint(error: "ErrorDetails") -> str:
    """The correction of the value, to append to a message; empty if none is certain."""
    value = error["input"]
    if error["type"] == "list_type" and error["loc"][-1:] and error["loc"][-1] in LISTS:
        return _list_hint(value)
    if error["type"] == "string_type" and isinstance(value, (bool, int, float)):
        return ". Put it in quotes"
    if not isinstance(value, str) or error["type"] not in WRONG_TYPE:
        return ""
    if value == "None":
        return ". Write null, or leave it out"
    if value.startswith("("):
        return f". Write [{value[1:-1]}]" if TUPLE.fullmatch(value) else ". Write a list as [3, 3]"
    return ". Remove the quotes" if _is_quoted(value, error["type"]) else ""


def key_hint(key: str) -> str | None:
    """What to write for `3)`, which YAML makes a key of in `{kernel_size: (3, 3)}`."""
    if not key.endswith(")") or "(" in key:
        return None
    notation = "[3, 3] for a list, Name: {argument: value} for a call"
    return f"'{shorten(key)}' is left over from Python's parentheses. Write {notation}"


def _is_quoted(value: str, error_type: str) -> bool:
    """Whether the string `value` would have been of the right type without quotes."""
    is_number = NUMBER.fullmatch(value) is not None and error_type != "bool_type"
    is_bool = value in ("true", "false") and error_type in ("bool_type", "literal_error")
    return is_number or is_bool


def _list_hint(value: object) -> str:
    """How to write a list of the one object `value`."""
    if isinstance(value, str) and value.isidentifier():
        return f". Write [{value}]"
    if isinstance(value, dict) and value:
        name, arguments = next(iter(value.items()))
        return f". Begin each item with '- ', such as '- {shorten(str(name))}{': …' if arguments else ''}'"
    return ""
