"""Measurements -> Markdown."""

from collections.abc import Iterable, Sequence
from statistics import median


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; the first column holds words, the others numbers."""
    line = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, line, *rows)) + "\n"


def spread(values: Sequence[float], digits: int = 2) -> str:
    """The median, and in brackets the smallest and the largest."""
    return f"{median(values):,.{digits}f} ({min(values):,.{digits}f} - {max(values):,.{digits}f})"


def ratio(values: Sequence[float], reference: Sequence[float]) -> str:
    """The median of `values` as a multiple of the median of `reference`."""
    return f"{median(values) / median(reference):.2f}"
