"""An error or a warning about a config whose sections are valid on their own."""

from dataclasses import dataclass
from typing import Literal

from mnist_pipeline.config.yaml.document import KeyPath


@dataclass(frozen=True)
class Finding:
    """What a rule reports about the key at `path`.

    An error cannot work; a warning works, and is unwise.
    """

    level: Literal["error", "warning"]
    path: KeyPath
    message: str


def error(path: KeyPath, message: str) -> Finding:
    """Report what cannot work."""
    return Finding("error", path, message)


def warning(path: KeyPath, message: str) -> Finding:
    """Report what works, and is unwise."""
    return Finding("warning", path, message)
