"""Text on the terminal: visible characters only, wrapped by display width."""

import sys
from collections.abc import Sequence
from typing import Any

FIRST_NOT_ONE_WIDE = "\u0300"  # every visible character before it takes one column; combining marks follow


def echo(text: str, err: bool = False, end: str = "\n") -> None:
    """Print `text` to stdout or stderr."""
    print(printable(text), end=end, file=sys.stderr if err else sys.stdout)


def log(message: str) -> None:
    """Print one line to stderr; a line break in a name does not start another."""
    echo(in_one_line(message), err=True)


def echo_json(content: Any) -> None:
    """Print `content` to stdout as JSON."""
    import json

    echo(json.dumps(content, indent=2, allow_nan=False))


def printable(text: str) -> str:
    r"""`text` with invisible characters escaped (`\x1b`), except line breaks and tabs."""
    return "\n".join(line if line.isprintable() else "".join(map(_escape, line)) for line in text.split("\n"))


def in_one_line(text: str) -> str:
    """`printable(text)` with line breaks and tabs escaped too."""
    return printable(text).replace("\n", "\\n").replace("\t", "\\t")


def display_width(text: str) -> int:
    """Number of terminal columns of `text`, which is printable and has no line break."""
    if max(text, default="") < FIRST_NOT_ONE_WIDE:
        return len(text)
    try:
        from rich.cells import cell_len
    except Exception:  # `mnist doctor` prints names too, to report that rich cannot be imported
        return len(text)
    return cell_len(text)


def wrap(parts: Sequence[str], width: int, indent: str, separator: str = "  ") -> list[str]:
    """Join `parts` to lines of at most `width` columns; a longer part is alone."""
    lines: list[str] = []
    for part in parts:
        if lines and display_width(lines[-1]) + len(separator) + display_width(part) <= width:
            lines[-1] += f"{separator}{part}"
        else:
            lines.append(f"{indent}{part}")
    return lines


def _escape(character: str) -> str:
    import unicodedata

    visible = character == "\t" or character.isprintable() or unicodedata.category(character) == "Zs"
    return character if visible else repr(character)[1:-1]
