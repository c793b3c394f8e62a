"""YAML text -> plain data in which every key and value still knows its line and column.

What YAML allows but a config never means (equal keys, tags, keys that are not text) is a problem with a place.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

import yaml

from mnist_pipeline.config.yaml.composer import compose
from mnist_pipeline.config.yaml.document import Diagnostic, Document, KeyPath, Location
from mnist_pipeline.config.yaml.scalars import MAP, SCALARS, SEQUENCE, TEXT, has_lone_surrogate
from mnist_pipeline.config.yaml.scanner import NOT_INDENTED, OPEN_QUOTE, TAB, lines_of
from mnist_pipeline.errors import ConfigError, PlacedError

MAX_FILE_BYTES = 1 << 17
MAX_NODES = 10_000
MAX_NESTING = 50

ESCAPE = "in double quotes a backslash begins an escape such as \\n. Write single quotes: 'C:\\Users'"
ADVICE = {
    TAB: "a tab. Indent with spaces",
    NOT_INDENTED: "a bracket further up is still open. Close it, or indent this line more than its key",
    OPEN_QUOTE: "a quote that is not closed. Close it, or indent the lines that belong to it",
    "found a line that is indented less": "indented less than the empty line before it. Take the spaces out of that",
    "found a comment without": "a comment needs a space in front of its '#'. A text that holds a '#' stands in quotes",
    "escape character": ESCAPE,
    "expected escape sequence": ESCAPE,
    "that cannot start any token": "no value begins with this sign. Put the value in quotes",
    "mapping values are not allowed": "a ':' in a surprising place. Look at the indentation, and at the line before",
    "expected <block end>": "this does not line up with the lines before it. Look at the indentation",
    "could not find expected ':'": "a ':' is missing, after this word or on the line before",
    "found undefined alias": "an alias (*name) that no anchor (&name) defines",
    "but found another document": "a second document begins here. A config is one document",
    "expected the node content": "something is missing here",
    "but got '<stream end>'": "a quote or bracket that is never closed",
    "found unexpected end of stream": "a quote or bracket that is never closed",
    "expected ',' or": "a ',' is missing before this, or a bracket is not closed",
    "unexpected document separator": "a quote that is never closed",
    "sequence entries are not allowed": "a '-' in a surprising place. Each '- ' begins a line of its own",
    "expected alphabetic": "'*' and '&' are followed by a name. Put a text that begins with them in quotes",
    "expected chomping": "after '|' or '>' the text begins in the next line",
    "expected '<document start>'": "the config ended before this. Look at the indentation, and at brackets and '...'",
}


def read(file: FilePath) -> Document:
    """The document in a YAML file.

    Raises ConfigError if the file cannot be read, is no UTF-8 text, is larger than 128 KiB, or is not YAML.
    """
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{file}: cannot read this file: {error.strerror}") from error
    if len(content) > MAX_FILE_BYTES:
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
    lines = lines_of(before + text)
    text = " " * len(before) + text

    def locate(mark: Any) -> Location:
        row = min(mark.line, len(lines) - 1)
        return Location(name, row + line, (mark.column if row == mark.line else len(lines[row])) + 1, lines[row])

    try:
        node = compose(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise PlacedError(str(Diagnostic(locate(mark), _advice(error)))) from error
    except yaml.reader.ReaderError as error:
        *above, last = lines_of(text[: error.position + 1])
        at = Location(name, len(above) + line, len(last), lines[len(above)])
        raise ConfigError(
            str(Diagnostic(at, f"the character U+{ord(text[error.position]):04X} is not allowed"))
        ) from error
    except RecursionError as error:
        raise ConfigError(f"{name}: nested too deeply for a config") from error
    except (ValueError, OverflowError) as error:
        at = Location(name, line, 1, lines[0])
        raise PlacedError(str(Diagnostic(at, "a number in this file is too large to be read"))) from error
    document = Document(None, values={(): Location(name, line, 1, lines[0])})
    if node is not None:
        document.data = _Converter(document, locate).convert(node, ())
    return document


@dataclass
class _Converter:
    """Walks the composed nodes, with a budget, so that aliases of aliases cannot explode."""

    document: Document
    locate: Callable[[Any], Location]
    budget: int = MAX_NODES
    above: list[yaml.Node] = field(default_factory=list)

    def convert(self, node: yaml.Node, path: KeyPath) -> Any:
        at = self.document.values[path] = self.locate(node.start_mark)
        self.budget -= 1
        if node in self.above:
            raise PlacedError(str(Diagnostic(at, "this alias stands inside itself, so it unfolds without end")))
        if self.budget < 0:
            raise PlacedError(str(Diagnostic(at, f"more than {MAX_NODES:,} values, what aliases stand for included")))
        if len(path) > MAX_NESTING:
            raise PlacedError(str(Diagnostic(at, "nested too deeply for a config")))
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, at)
        self.above.append(node)
        value = self._mapping(node, at, path) if isinstance(node, yaml.MappingNode) else self._list(node, at, path)
        self.above.pop()
        return value

    def _mapping(self, node: yaml.MappingNode, at: Location, path: KeyPath) -> dict[str, Any]:
        self._expect(node, MAP, at)
        return dict(self._items(node, path))

    def _list(self, node: yaml.Node, at: Location, path: KeyPath) -> list[Any]:
        self._expect(node, SEQUENCE, at)
        return [self.convert(child, (*path, index)) for index, child in enumerate(node.value)]

    def _items(self, node: yaml.MappingNode, path: KeyPath) -> Iterator[tuple[str, Any]]:
        for key_node, value_node in node.value:
            key, at = key_node.value, self.locate(key_node.start_mark)
            if key_node.tag != TEXT or has_lone_surrogate(key):
                self._report(at, "expected a name as the key here. To use this as text, put it in quotes")
                continue
            if key == "<<" and not key_node.style:
                self._report(at, "'<<' (merge keys) is YAML 1.1, and has no meaning here. Write the keys out")
                continue
            if (*path, key) in self.document.keys:
                first = self.document.keys[*path, key].line
                self._report(at, f"the key '{key}' stands twice; the first is in line {first}. Keep one of them")
                continue
            self.document.keys[*path, key] = at
            yield key, self.convert(value_node, (*path, key))

    def _scalar(self, node: yaml.Node, at: Location) -> Any:
        if node.tag not in SCALARS:
            self._expect(node, TEXT, at)
            return None
        try:
            return SCALARS[node.tag](node.value)
        except ValueError as error:
            self._report(at, str(error))
            return None

    def _expect(self, node: yaml.Node, tag: str, at: Location) -> None:
        if node.tag != tag:
            self._report(at, f"the tag '{node.tag}' has no meaning in a config. Remove it")

    def _report(self, at: Location, message: str) -> None:
        self.document.diagnostics.append(Diagnostic(at, message))


def _advice(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or error.context or "it cannot be read"
    for words, advice in ADVICE.items():
        if words in problem:
            return advice
    if problem.startswith("found the invisible character"):
        return f"{problem.removeprefix('found ')}. Replace it by a space, or delete it; quotes would keep it"
    return f"this cannot be read: {problem}"
