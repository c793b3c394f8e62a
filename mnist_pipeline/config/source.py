"""YAML text -> plain data in which every key and value still knows its line and column.

Scalars follow the YAML 1.2 core schema, because PyYAML's 1.1 rules surprise: here `1e-3` is a number,
`on` and `no` are text, `012` is 12. What YAML allows but a config never means (equal keys, tags,
keys that are not text) is a problem with a place.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

import yaml

from mnist_pipeline.errors import ConfigError

Path = tuple[str | int, ...]

LARGEST_FILE = 1 << 17
LARGEST_TREE = 10_000
DEEPEST_NESTING = 50
MOST_DIGITS = 100

ADVICE = {
    "found character '\\t'": "a tab. Indent with spaces",
    "mapping values are not allowed": "a ':' in a surprising place. Look at the indentation, and at the line before",
    "expected <block end>": "this does not line up with the lines before it. Look at the indentation",
    "could not find expected ':'": "a ':' is missing, after this word or on the line before",
    "found undefined alias": "an alias (*name) that no anchor (&name) defines",
    "but found another document": "a second document begins here. A config is one document",
    "expected the node content": "something is missing here",
    "but got '<stream end>'": "a quote or bracket that is never closed",
    "found unexpected end of stream": "a quote or bracket that is never closed",
}


@dataclass(frozen=True)
class Place:
    """A position in a text: `line` and `column` count from 1, `text` is the whole line."""

    source: str
    line: int
    column: int
    text: str

    def __str__(self) -> str:
        return f"{self.source}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where. `str()` is the message with the line and a caret under the place."""

    place: Place
    message: str

    def __str__(self) -> str:
        line = self.place.text.replace("\t", " ")
        return f"{self.place}: {self.message}\n    {line}\n    {' ' * (self.place.column - 1)}^"


@dataclass
class Document:
    """Plain data, and the place of each value (`values`) and of each key (`keys`), by path."""

    data: Any
    values: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def place(self, path: Path, *, key: bool = False) -> Place:
        """Where `path` stands; of a missing or unwritten part, where the nearest thing above it stands."""
        found: Path = ()
        for part in path:
            found = (*found, part) if (*found, part) in self.values else found
        places = self.keys if key and found in self.keys else self.values
        return places[found]

    def get(self, path: Path) -> Any:
        """The value at `path`, None where there is none."""
        value = self.data
        for part in path:
            value = value.get(part) if isinstance(value, dict) else value[part]
        return value

    def graft(self, path: Path, branch: "Document") -> None:
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
        self.problems += branch.problems


def read(file: FilePath) -> Document:
    """The document in a YAML file.

    Raises ConfigError if the file cannot be read, is no UTF-8 text, is larger than 128 KiB, or is not YAML.
    """
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST_FILE + 1)
    except OSError as error:
        raise ConfigError(f"{file}: cannot read this file: {error.strerror}") from error
    if len(content) > LARGEST_FILE:
        raise ConfigError(f"{file}: larger than 128 KiB, so this is hardly a config")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: this is not a text file. A config is YAML, in UTF-8") from error
    if "\0" in text:
        raise ConfigError(f"{file}: this is a binary file. A config is YAML, in UTF-8")
    return parse(text, str(file))


def parse(text: str, name: str, before: str = "", line: int = 1) -> Document:
    """The document in `text`; `name` is what its places call it.

    `before`: what stands in front of the text in its first line, which is line number `line`; so a part of a line is
    shown within the whole. Raises ConfigError with one located problem if the text is not one YAML document.
    """
    lines = (before + text).splitlines() or [""]
    text = " " * len(before) + text

    def place(mark: Any) -> Place:
        row = min(mark.line, len(lines) - 1)
        return Place(name, row + line, (mark.column if row == mark.line else len(lines[row])) + 1, lines[row])

    try:
        node = yaml.compose(text, Loader=_Yaml12)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise ConfigError(str(Problem(place(mark), _advice(error)))) from error
    except yaml.reader.ReaderError as error:
        row = text.count("\n", 0, error.position)
        column = error.position - (text.rfind("\n", 0, error.position) + 1)
        at = Place(name, row + line, column + 1, lines[row][:column])
        raise ConfigError(
            str(Problem(at, f"the character U+{ord(text[error.position]):04X} is not allowed"))
        ) from error
    except RecursionError as error:
        raise ConfigError(f"{name}: nested too deeply for a config") from error
    except (ValueError, OverflowError) as error:
        at = Place(name, line, 1, lines[0])
        raise ConfigError(str(Problem(at, "a number in this file is too large to be read"))) from error
    document = Document(None, values={(): Place(name, line, 1, lines[0])})
    if node is not None:
        document.data = _Converter(document, place).convert(node, ())
    return document


class _Yaml12(yaml.SafeLoader):
    """PyYAML's reader with the scalar types of the YAML 1.2 core schema."""

    yaml_implicit_resolvers = {}  # noqa: RUF012, PyYAML's own name, emptied


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", "~nN"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("float", r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", "-+."),
):
    _Yaml12.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})\\Z"), [*_first])
_Yaml12.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"\Z"), [""])


def _is_broken(text: str) -> bool:
    """Whether `text` holds half a character, which cannot be written to any file or terminal."""
    return any("\ud800" <= character <= "\udfff" for character in text)


def _text(text: str) -> str:
    if _is_broken(text):
        raise ValueError("half a character, which cannot be written")
    return text


def _nothing(text: str) -> None:
    if text not in ("", "~", "null", "Null", "NULL"):
        raise ValueError("expected nothing here")


def _truth(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError("expected true or false")
    return text.lower() == "true"


def _integer(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise ValueError("this number has too many digits")
    try:
        return int(text, 8 if text.startswith("0o") else 16 if text.startswith("0x") else 10)
    except ValueError:
        raise ValueError("expected a whole number") from None


def _number(text: str) -> float:
    try:
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    except ValueError:
        raise ValueError("expected a number") from None


MAP, SEQUENCE, TEXT = (f"tag:yaml.org,2002:{name}" for name in ("map", "seq", "str"))
SCALARS: dict[str, Callable[[str], Any]] = {
    TEXT: _text,
    "tag:yaml.org,2002:null": _nothing,
    "tag:yaml.org,2002:bool": _truth,
    "tag:yaml.org,2002:int": _integer,
    "tag:yaml.org,2002:float": _number,
}


class _Dumper(yaml.SafeDumper):
    """Writes so that both YAML 1.1 and 1.2 read the same."""

    yaml_implicit_resolvers = {  # noqa: RUF012, PyYAML's own name
        first: yaml.SafeDumper.yaml_implicit_resolvers.get(first, []) + _Yaml12.yaml_implicit_resolvers.get(first, [])
        for first in {*yaml.SafeDumper.yaml_implicit_resolvers, *_Yaml12.yaml_implicit_resolvers}
    }


def dump(data: Any) -> str:
    """Plain data as YAML; `parse` reads it back as it was."""
    text: str = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
    return text


@dataclass
class _Converter:
    """Walks the composed nodes, with a budget, so that aliases of aliases cannot explode."""

    document: Document
    place: Any
    budget: int = LARGEST_TREE
    above: list[yaml.Node] = field(default_factory=list)

    def convert(self, node: yaml.Node, path: Path) -> Any:
        at = self.document.values[path] = self.place(node.start_mark)
        self.budget -= 1
        if node in self.above:
            raise ConfigError(str(Problem(at, "this alias stands inside itself, so it unfolds without end")))
        if self.budget < 0:
            raise ConfigError(str(Problem(at, f"more than {LARGEST_TREE:,} values, what aliases stand for included")))
        if len(path) > DEEPEST_NESTING:
            raise ConfigError(str(Problem(at, "nested too deeply for a config")))
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, at)
        self.above.append(node)
        value = self._mapping(node, at, path) if isinstance(node, yaml.MappingNode) else self._list(node, at, path)
        self.above.pop()
        return value

    def _mapping(self, node: yaml.MappingNode, at: Place, path: Path) -> dict[str, Any]:
        self._expect(node, MAP, at)
        return dict(self._items(node, path))

    def _list(self, node: yaml.Node, at: Place, path: Path) -> list[Any]:
        self._expect(node, SEQUENCE, at)
        return [self.convert(child, (*path, index)) for index, child in enumerate(node.value)]

    def _items(self, node: yaml.MappingNode, path: Path) -> Iterator[tuple[str, Any]]:
        for key_node, value_node in node.value:
            key, at = key_node.value, self.place(key_node.start_mark)
            if key_node.tag != TEXT or _is_broken(key):
                self._report(at, "expected a name as the key here. To use this as text, put it in quotes")
                continue
            if (*path, key) in self.document.keys:
                first = self.document.keys[*path, key].line
                self._report(at, f"the key '{key}' stands twice; the first is in line {first}. Keep one of them")
                continue
            self.document.keys[*path, key] = at
            yield key, self.convert(value_node, (*path, key))

    def _scalar(self, node: yaml.Node, at: Place) -> Any:
        if node.tag not in SCALARS:
            self._expect(node, TEXT, at)
            return None
        try:
            return SCALARS[node.tag](node.value)
        except ValueError as error:
            self._report(at, str(error))
            return None

    def _expect(self, node: yaml.Node, tag: str, at: Place) -> None:
        if node.tag != tag:
            self._report(at, f"the tag '{node.tag}' has no meaning in a config. Remove it")

    def _report(self, at: Place, message: str) -> None:
        self.document.problems.append(Problem(at, message))


def _advice(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or error.context or "it cannot be read"
    for words, advice in ADVICE.items():
        if words in problem:
            return advice
    return f"this is not YAML: {problem}"
