"""YAML text -> plain data in which every key and value has its line and column.

What YAML allows and a config never means (equal keys, tags, keys that are not strings) is an error with a location.
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
from mnist_pipeline.errors import ConfigError, DiagnosticsError

MAX_FILE_BYTES = 1 << 17
MAX_NODES = 10_000
MAX_NESTING = 50
TOO_DEEP = f"nested too deeply; a config has at most {MAX_NESTING} levels"

Locate = Callable[[Any], Location]  # of a mark of PyYAML

ESCAPE = "in double quotes, a backslash begins an escape such as \\n. Use single quotes: 'C:\\Users'"

# Part of the message of the scanner or of PyYAML -> the message for the user; the first that matches counts.
ADVICE = {
    TAB: "indented with a tab. Indent with spaces",
    NOT_INDENTED: "a bracket before this line is not closed. Close it, or indent this line more than its key",
    OPEN_QUOTE: "this quote is not closed. Close it, or indent the lines that belong to it",
    "found a line that is indented less": "indented less than the empty line before it. Remove the spaces of that line",
    "found a comment without": "a comment needs a space before its '#'. Put a string that contains '#' in quotes",
    "escape character": ESCAPE,
    "expected escape sequence": ESCAPE,
    "that cannot start any token": "a value cannot begin with this character. Put the value in quotes",
    "mapping values are not allowed": "unexpected ':'. Check the indentation, and the line before",
    "expected <block end>": "this line is not aligned with the lines before it. Check the indentation",
    "could not find expected ':'": "missing ':' after this word, or on the line before",
    "found undefined alias": "alias (*name) without its anchor (&name). Define the anchor before it",
    "but found another document": "a second document begins here. A config is one document; remove the '---'",
    "expected the node content": "a value is missing here",
    "but got '<stream end>'": "a quote or bracket is not closed",
    "found unexpected end of stream": "a quote or bracket is not closed",
    "expected ',' or": "missing ',' before this, or a bracket is not closed",
    "unexpected document separator": "a quote before this is not closed",
    "sequence entries are not allowed": "unexpected '-'. Begin each '- ' on a line of its own",
    "expected alphabetic": "'*' and '&' need a name after them. Put a string that begins with them in quotes",
    "expected chomping": "the text of '|' or '>' begins on the next line",
    "expected '<document start>'": "the document ended before this. Check the indentation, brackets and '...'",
}


def read(file: FilePath) -> Document:
    """Document of a YAML file.

    Raises ConfigError if the file cannot be read, is larger than 128 KiB, is not UTF-8, or is not YAML.
    """
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{file}: cannot read the file: {error.strerror}") from error
    if len(content) > MAX_FILE_BYTES:
        raise ConfigError(f"{file}: larger than 128 KiB. A config is a YAML file of a few lines")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: not a text file. A config is YAML, in UTF-8") from error
    if "\0" in text:
        raise ConfigError(f"{file}: a binary file. A config is YAML, in UTF-8")
    return parse(text, str(file))


def parse(text: str, source: str, before: str = "", line: int = 1) -> Document:
    """Document in `text`; `source` names it in locations.

    `before` is what precedes `text` on its first line, which is number `line`: locations then show the whole line.
    Raises ConfigError with one location if the text is not one YAML document.
    """
    lines = lines_of(before + text)
    text = " " * len(before) + text

    def locate(mark: Any) -> Location:
        row = min(mark.line, len(lines) - 1)
        return Location(source, row + line, (mark.column if row == mark.line else len(lines[row])) + 1, lines[row])

    document = Document(None, values={(): Location(source, line, 1, lines[0])})
    node = _compose(text, lines, document.values[()], locate)
    if node is not None:
        document.data = _Converter(document, locate).convert(node, ())
    return document


def _compose(text: str, lines: list[str], start: Location, locate: Locate) -> yaml.Node | None:
    """Root node of `text`. Raises ConfigError with the location of what is not YAML."""
    try:
        return compose(text)
    except yaml.MarkedYAMLError as error:
        raise _error(locate(error.problem_mark or error.context_mark), _advice(error)) from error
    except yaml.reader.ReaderError as error:
        *above, last = lines_of(text[: error.position + 1])
        location = Location(start.source, len(above) + start.line, len(last), lines[len(above)])
        raise _error(location, f"the character U+{ord(text[error.position]):04X} is not allowed. Delete it") from error
    except RecursionError as error:
        raise ConfigError(f"{start.source}: {TOO_DEEP}") from error
    except (ValueError, OverflowError) as error:
        raise _error(start, "the version after %YAML is too long. Write %YAML 1.2, or remove that line") from error


def _error(location: Location, message: str) -> DiagnosticsError:
    return DiagnosticsError(str(Diagnostic(location, message)))


@dataclass
class _Converter:
    """Converts nodes to data.

    At most MAX_NODES of them, as aliases of aliases grow exponentially.
    """

    document: Document
    locate: Locate
    remaining: int = MAX_NODES
    parents: list[yaml.Node] = field(default_factory=list)

    def convert(self, node: yaml.Node, path: KeyPath) -> Any:
        location = self.document.values[path] = self.locate(node.start_mark)
        self.remaining -= 1
        if node in self.parents:
            raise _error(location, "this alias contains itself. Write its value out")
        if self.remaining < 0:
            raise _error(location, f"more than {MAX_NODES:,} values, aliases expanded. A config is a few lines")
        if len(path) > MAX_NESTING:
            raise _error(location, TOO_DEEP)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, location)
        self.parents.append(node)
        collection = self._mapping if isinstance(node, yaml.MappingNode) else self._list
        value = collection(node, location, path)
        self.parents.pop()
        return value

    def _mapping(self, node: yaml.Node, location: Location, path: KeyPath) -> dict[str, Any]:
        self._require_tag(node, MAP, location)
        return dict(self._items(node, path))

    def _list(self, node: yaml.Node, location: Location, path: KeyPath) -> list[Any]:
        self._require_tag(node, SEQUENCE, location)
        return [self.convert(child, (*path, index)) for index, child in enumerate(node.value)]

    def _items(self, node: yaml.Node, path: KeyPath) -> Iterator[tuple[str, Any]]:
        for key_node, value_node in node.value:
            key, location = key_node.value, self.locate(key_node.start_mark)
            error = self._key_error(key_node, path)
            if error:
                self._report(location, error)
                continue
            self.document.keys[*path, key] = location
            yield key, self.convert(value_node, (*path, key))

    def _key_error(self, node: yaml.ScalarNode, path: KeyPath) -> str | None:
        """Why `node` cannot be a key of the mapping at `path`; None if it can."""
        key = node.value
        if node.tag != TEXT or has_lone_surrogate(key):
            return "expected a name as the key. Put it in quotes to use it as a string"
        if key == "<<" and not node.style:  # plain, not in quotes
            return "merge keys ('<<') are YAML 1.1 and not supported. Write the keys out"
        if (*path, key) in self.document.keys:
            return f"duplicate key '{key}', first in line {self.document.keys[*path, key].line}. Remove one of them"
        return None

    def _scalar(self, node: yaml.ScalarNode, location: Location) -> Any:
        if node.tag not in SCALARS:
            self._require_tag(node, TEXT, location)
            return None
        try:
            return SCALARS[node.tag](node.value)
        except ValueError as error:
            self._report(location, str(error))
            return None

    def _require_tag(self, node: yaml.Node, tag: str, location: Location) -> None:
        if node.tag != tag:
            self._report(location, f"the tag '{node.tag}' is not supported in a config. Remove it")

    def _report(self, location: Location, message: str) -> None:
        self.document.diagnostics.append(Diagnostic(location, message))


def _advice(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or error.context or "not valid YAML"
    for part, advice in ADVICE.items():
        if part in problem:
            return advice
    if problem.startswith("found the invisible character"):
        return f"{problem.removeprefix('found the ')}. Delete it, or put the text in quotes to keep it"
    return f"not valid YAML: {problem}"
