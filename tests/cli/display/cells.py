"""How tests read what is drawn for people."""

import re

from mnist_pipeline.cli.display.tables import Renderable


def text(block: str | Renderable, columns: int = 200) -> str:
    return block if isinstance(block, str) else "\n".join(block(columns))


def cells(block: Renderable) -> list[list[str]]:
    """The cells of a table that are not empty, row by row, without its lines."""
    lines = [line for line in text(block).splitlines() if line.strip(" ─")]
    return [re.split(r" {2,}", line.strip()) for line in lines]
