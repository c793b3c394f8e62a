"""Tables as wide as the terminal.

Not drawn by rich, whose import takes an eighth of the time of `mnist predict`.
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from mnist_pipeline.terminal import display_width, echo, in_one_line, wrap

Row = dict[str, Any]
Renderable = Callable[[int], list[str]]  # terminal columns -> lines

UNLIMITED = 10_000  # columns of a file or a pipe


def show(*blocks: str | Renderable) -> None:
    """Print lines and tables to stdout.

    Nothing is cut off: the terminal wraps lines that are too long.
    """
    for block in blocks:
        echo(block if isinstance(block, str) else "\n".join(block(terminal_width())))


def terminal_width() -> int:
    """Columns of the terminal; `UNLIMITED` if stdout is not a terminal."""
    if not sys.stdout.isatty():
        return UNLIMITED
    import shutil

    return shutil.get_terminal_size().columns


def percent(share: float) -> str:
    """Format a share: 0.9713 is 97.13 %."""
    return f"{100 * share:.2f} %"


def table(rows: Iterable[Row], left: Sequence[str] = ()) -> Renderable:
    """A table whose headers are the keys of `rows`; columns in `left` are text.

    If it is wider than the terminal, columns are closer together; if that is not enough, each row takes several lines.
    """
    rows = list(rows)
    headers = list(dict.fromkeys(name for row in rows for name in row))
    cells = [["" if row.get(name) is None else in_one_line(str(row[name])) for name in headers] for row in rows]
    return partial(_render_table, [in_one_line(name) for name in headers], cells, [name in left for name in headers])


def _render_table(headers: list[str], rows: list[list[str]], is_text: list[bool], columns: int) -> list[str]:
    widths = [max(map(display_width, column)) for column in zip(headers, *rows, strict=True)]
    for separator, margin in (("   ", " "), (" ", "")):
        width = sum(widths) + len(separator) * (len(widths) - 1) + 2 * len(margin)
        if width <= columns:
            header, *body = (_row(cells, widths, is_text, separator, margin) for cells in (headers, *rows))
            around = [""] if margin else []
            return [*around, header, f"{margin}{'─' * (width - 2 * len(margin))}", *body, *around]
    return [line for row in rows for line in _stacked(headers, row, is_text[0], columns)]


def _row(cells: list[str], widths: list[int], is_text: list[bool], separator: str, margin: str) -> str:
    """The cells of a row, text aligned left and numbers right."""
    gaps = [" " * (width - display_width(cell)) for cell, width in zip(cells, widths, strict=True)]
    padded = (cell + gap if text else gap + cell for cell, gap, text in zip(cells, gaps, is_text, strict=True))
    return f"{margin}{separator.join(padded)}".rstrip(" ")


def _stacked(headers: list[str], row: list[str], first_is_text: bool, columns: int) -> list[str]:
    """The first cell on a line, and below it the others after their headers."""
    first = row[0] if first_is_text else f"{headers[0]} {row[0]}"
    rest = [f"{header} {cell}" for header, cell in zip(headers[1:], row[1:], strict=True) if cell]
    return [first, *wrap(rest, columns, "  ")]


def key_values(pairs: dict[str, Any]) -> Renderable:
    """Two columns, keys and values; a long value continues below itself."""
    return partial(_render_key_values, {key: in_one_line(str(value)) for key, value in pairs.items()})


def _render_key_values(pairs: dict[str, str], columns: int) -> list[str]:
    indent = max(map(display_width, pairs), default=0) + 2
    longest_word = max((display_width(word) for value in pairs.values() for word in value.split(" ")), default=0)
    lines = []
    for key, value in pairs.items():
        first, *rest = wrap(value.split(" "), max(columns - indent, longest_word), "", " ")
        lines += [key + " " * (indent - display_width(key)) + first, *(" " * indent + line for line in rest)]
    return [line.rstrip(" ") for line in lines]
