"""What a rule finds in a config, and where."""

from dataclasses import dataclass
from typing import Literal

from mnist_pipeline.config.yaml.document import KeyPath


@dataclass(frozen=True)
class Finding:
    """What a rule found at `path`. An error cannot work; a warning can, and is unwise."""

    level: Literal["error", "warning"]
    path: KeyPath
    message: str


def error(path: KeyPath, message: str) -> Finding:
    """What cannot work."""
    return Finding("error", path, message)


def warning(path: KeyPath, message: str) -> Finding:
    """What works and is unwise."""
    return Finding("warning", path, message)
