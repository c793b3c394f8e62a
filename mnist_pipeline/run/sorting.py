"""Rows of `mnist runs`, selected and sorted."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any, Literal

Overview = dict[str, Any]

# Key of a row -> which values come first when rows are sorted by it. Missing values come last.
SORT_ORDER: dict[str, Literal["smallest", "largest"]] = {
    "run": "smallest",
    "status": "smallest",
    "started": "largest",
    "epochs": "smallest",
    "seconds": "smallest",
    "params": "smallest",
    "val_accuracy": "largest",
    "val_loss": "smallest",
    "accuracy": "largest",
    "loss": "smallest",
}


def matches(name: str, pattern: str) -> bool:
    """Whether a name matches a shell pattern, or contains a word (no `*`, `?`, `[`)."""
    wild = any(letter in pattern for letter in "*?[")
    return fnmatchcase(name, pattern) if wild else pattern in name


def sort(rows: Iterable[Overview], key: str) -> list[Overview]:
    """Rows sorted by a key of `SORT_ORDER`, the best or newest first.

    Rows with equal values keep their order; rows without a value come last.
    """
    rows = list(rows)
    present = [row for row in rows if row[key] is not None]
    missing = [row for row in rows if row[key] is None]
    return sorted(present, key=lambda row: row[key], reverse=SORT_ORDER[key] == "largest") + missing
