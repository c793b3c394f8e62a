"""What a config says, and where each part of it was written."""

import copy
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from mnist_pipeline.terminal import in_one_line

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True)
class Location:
    """A position in a text: `line` and `column` count from 1, `text` is the whole line."""

    source: str
    line: int
    column: int
    text: str

    def __str__(self) -> str:
        return f"{in_one_line(self.source)}:{self.line}:{self.column}"


@dataclass(frozen=True, eq=False)
class Diagnostic:
    """What is wrong, and where. `str()` is the message with the line and a caret under the place.

    `words` finds the message when it is asked for, as that takes a while and few of very many problems are told.
    """

    location: Location
    words: str | Callable[[], str]

    @cached_property
    def message(self) -> str:
        """What is wrong."""
        return self.words if isinstance(self.words, str) else self.words()

    def __eq__(self, other: object) -> bool:
        """Whether both say the same of one place."""
        return isinstance(other, Diagnostic) and self.location == other.location and self.message == other.message

    def __hash__(self) -> int:
        """That of the place, for which no words are needed."""
        return hash(self.location)

    def __str__(self) -> str:
        before = _shown(self.location.text[: self.location.column - 1])
        line = before + _shown(self.location.text[self.location.column - 1 :])
        indentation = " " * sum(map(_width, before))
        return f"{self.location}: {in_one_line(self.message)}\n    {line}\n    {indentation}^"


def _shown(text: str) -> str:
    """A part of a line as a terminal shows it, in the form in which it shows the message."""
    return in_one_line(text.replace("\t", " "))


def _width(character: str) -> int:
    """The columns that a terminal gives `character`."""
    return 0 if unicodedata.combining(character) else 1 + (unicodedata.east_asian_width(character) in {"W", "F"})


@dataclass
class Document:
    """Plain data, and the place of each value (`values`) and of each key (`keys`), by path."""

    data: Any
    values: dict[KeyPath, Location] = field(default_factory=dict)
    keys: dict[KeyPath, Location] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def copy(self) -> "Document":
        """One that can be changed without this one."""
        return Document(copy.deepcopy(self.data), dict(self.values), dict(self.keys), list(self.diagnostics))

    def locate(self, path: KeyPath, *, key: bool = False) -> Location:
        """Where `path` stands; of a missing or unwritten part, where the nearest thing above it stands."""
        found: KeyPath = ()
        for part in path:
            found = (*found, part) if (*found, part) in self.values else found
        places = self.keys if key and found in self.keys else self.values
        return places[found]

    def key_at(self, place: Location) -> str:
        """The dotted key of what stands at `place`."""
        found = [path for places in (self.values, self.keys) for path, each in places.items() if each == place]
        longest = max(map(len, found), default=0)
        return next((".".join(map(str, path)) for path in found if len(path) == longest), "")

    def get(self, path: KeyPath) -> Any:
        """The value at `path`, None where there is none."""
        value = self.data
        for part in path:
            value = value.get(part) if isinstance(value, dict) else value[part]
        return value

    def replace(self, path: KeyPath, branch: "Document") -> None:
        """Put `branch` at `path`, in place of what stood there."""
        parent = self.data
        for part in path[:-1]:
            parent = parent[part]
        parent[path[-1]] = branch.data
        for places, new in ((self.values, branch.values), (self.keys, branch.keys)):
            for old in [p for p in places if p[: len(path)] == path]:
                del places[old]
            places.update({path + below: place for below, place in new.items()})
        self.keys[path] = branch.values[()]
        self.diagnostics += branch.diagnostics
