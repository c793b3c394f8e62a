"""A YAML document: its data, and the line and column of every part of it."""

import copy
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from mnist_pipeline.terminal import in_one_line

KeyPath = tuple[str | int, ...]

SET = "--set"  # the source of what was set on the command line


@dataclass(frozen=True)
class Location:
    """A position in a text.

    `line` and `column` count from 1; `text` is the whole line.
    """

    source: str
    line: int
    column: int
    text: str

    @property
    def is_set(self) -> bool:
        """Whether this is a `--set`, with its number as the line."""
        return self.source == SET

    @property
    def order(self) -> tuple[bool, int, int]:
        """Sort key: the lines of the file, then what was set."""
        return (self.is_set, self.line, self.column)

    def __str__(self) -> str:
        return f"{in_one_line(self.source)}:{self.line}:{self.column}"


@dataclass(frozen=True, eq=False)
class Diagnostic:
    """An error or warning with its location.

    `str()` adds the line, and a caret under the column. `text` may be a function, called when the message is shown: of
    very many only the first are, and each takes a while.
    """

    location: Location
    text: str | Callable[[], str]
    level: Literal["error", "warning"] = "error"

    @cached_property
    def message(self) -> str:
        """What is wrong."""
        return self.text if isinstance(self.text, str) else self.text()

    def __eq__(self, other: object) -> bool:
        """Whether both have the same location, level and message."""
        if not isinstance(other, Diagnostic) or self.location != other.location:
            return False
        return (self.level, self.message) == (other.level, other.message)

    def __hash__(self) -> int:
        """Hash of the location, which needs no message."""
        return hash(self.location)

    def __str__(self) -> str:
        before = _in_one_line(self.location.text[: self.location.column - 1])
        line = before + _in_one_line(self.location.text[self.location.column - 1 :])
        indentation = " " * sum(map(_width, before))
        message = in_one_line(self.message if self.level == "error" else f"warning: {self.message}")
        return f"{self.location}: {message}\n    {line}\n    {indentation}^"


def in_order(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """`diagnostics` in the order of their locations."""
    return sorted(diagnostics, key=lambda each: each.location.order)


def _in_one_line(text: str) -> str:
    """Part of a line as a terminal shows it, escaped in the same way as the message."""
    return in_one_line(text.replace("\t", " "))


def _width(character: str) -> int:
    """Columns that a terminal gives `character`."""
    return 0 if unicodedata.combining(character) else 1 + (unicodedata.east_asian_width(character) in {"W", "F"})


@dataclass
class Document:
    """Plain data with the location of each part.

    `values` and `keys`: locations by path. `diagnostics`: errors of the YAML itself; a value that could not be read is
    None in `data`.
    """

    data: Any
    values: dict[KeyPath, Location] = field(default_factory=dict)
    keys: dict[KeyPath, Location] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def copy(self) -> "Document":
        """Copy whose data and locations can be changed on their own."""
        return Document(copy.deepcopy(self.data), dict(self.values), dict(self.keys), list(self.diagnostics))

    def locate(self, path: KeyPath, *, key: bool = False) -> Location:
        """Location of the value at `path`, or of its key; otherwise of the nearest above."""
        nearest: KeyPath = ()
        for part in path:
            nearest = (*nearest, part) if (*nearest, part) in self.values else nearest
        locations = self.keys if key and nearest in self.keys else self.values
        return locations[nearest]

    def key_at(self, location: Location) -> str:
        """Dotted key of the innermost value at `location`; empty if there is none."""
        located = [*self.values.items(), *self.keys.items()]
        paths: list[KeyPath] = [path for path, each in located if each == location]
        longest = max(map(len, paths), default=0)
        return next((".".join(map(str, path)) for path in paths if len(path) == longest), "")

    def get(self, path: KeyPath) -> Any:
        """The value at `path`; None if there is none."""
        value = self.data
        for part in path:
            value = value.get(part) if isinstance(value, dict) else value[part]
        return value

    def replace(self, path: KeyPath, branch: "Document") -> None:
        """Put `branch` at `path` in place of the value there."""
        parent = self.data
        for part in path[:-1]:
            parent = parent[part]
        parent[path[-1]] = branch.data
        for locations, new in ((self.values, branch.values), (self.keys, branch.keys)):
            for old in [each for each in locations if each[: len(path)] == path]:
                del locations[old]
            locations.update({path + below: location for below, location in new.items()})
        self.keys[path] = branch.values[()]
        self.diagnostics += branch.diagnostics
