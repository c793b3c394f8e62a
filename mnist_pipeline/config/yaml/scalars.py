"""Scalars of YAML 1.2's core schema: how each type is written, and its value.

PyYAML follows YAML 1.1, where `1e-3` is a string, `on` and `no` are booleans, and `012` is 10.
"""

import re
from collections.abc import Callable
from typing import Any

MAX_DIGITS = 100

PREFIX = "tag:yaml.org,2002:"
MAP, SEQUENCE, TEXT = (f"{PREFIX}{name}" for name in ("map", "seq", "str"))

# Tag, pattern, and the characters that such a scalar may begin with.
PATTERNS: tuple[tuple[str, re.Pattern[str], list[str]], ...] = tuple(
    (f"{PREFIX}{tag}", re.compile(f"(?:{pattern})\\Z"), list(first) or [""])
    for tag, pattern, first in (
        ("null", r"~|null|Null|NULL|", "~nN"),
        ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
        ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
        ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
        ("float", r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", "-+."),
        ("null", "", ""),
    )
)


def has_lone_surrogate(text: str) -> bool:
    """Whether `text` has half of a UTF-16 pair, which no file or terminal can encode."""
    return any("\ud800" <= character <= "\udfff" for character in text)


def _string(text: str) -> str:
    if has_lone_surrogate(text):
        raise ValueError("half a character (a lone UTF-16 surrogate), which cannot be stored")
    return text


def _null(text: str) -> None:
    if text not in ("", "~", "null", "Null", "NULL"):
        raise ValueError(f"expected null, received '{text}'")


def _bool(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(f"expected true or false, received '{text}'")
    return text.lower() == "true"


def _int(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"a number of {len(text):,} digits; at most {MAX_DIGITS} are read")
    try:
        return int(text, 8 if text.startswith("0o") else 16 if text.startswith("0x") else 10)
    except ValueError:
        raise ValueError(f"expected an integer, received '{text}'") from None


def _float(text: str) -> float:
    try:
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    except ValueError:
        raise ValueError(f"expected a number, received '{text}'") from None


# Tag -> the value of such a scalar. Raises ValueError with the message for the user.
SCALARS: dict[str, Callable[[str], Any]] = {
    TEXT: _string,
    f"{PREFIX}null": _null,
    f"{PREFIX}bool": _bool,
    f"{PREFIX}int": _int,
    f"{PREFIX}float": _float,
}
