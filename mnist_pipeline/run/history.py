"""`history.csv`: a row for each epoch."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from mnist_pipeline.errors import RunError
from mnist_pipeline.run.files import COPY_OR_TRAIN, read_text


def history_text(rows: Sequence[dict[str, float]]) -> str:
    """`rows` as CSV; the columns are those of the first row."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else ["epoch"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def as_numbers(rows: list[dict[str, str]], file: Path) -> list[dict[str, float]]:
    """`rows` of `file` with numbers. Raises RunError if a cell holds no number."""
    try:
        return [{name: int(value) if name == "epoch" else float(value) for name, value in row.items()} for row in rows]
    except (TypeError, ValueError) as error:  # a cell that is missing, or text
        raise RunError(f"{file}: expected a number in every cell. {COPY_OR_TRAIN}") from error


def read_history(file: Path) -> list[dict[str, str]]:
    """The rows as they were written. Raises RunError."""
    try:
        return list(csv.DictReader(io.StringIO(read_text(file))))
    except (ValueError, csv.Error) as error:
        raise RunError(f"{file}: cannot read this file: {error}. {COPY_OR_TRAIN}") from error
