"""PyYAML's scanner with the syntax of YAML 1.2 in place of 1.1.

A tab separates and never indents, only line feeds and carriage returns end a line, a comment needs a space before it,
anchors and plain scalars in brackets may contain what 1.2 allows, and a value is indented more than its key.
"""

import re
import unicodedata
from typing import Any

import yaml
from yaml.scanner import ScannerError
from yaml.tokens import FlowMappingEndToken, FlowSequenceEndToken, ScalarToken

# Problems, for which `reader.ADVICE` has the messages.
TAB = "found a tab that indents"
NOT_INDENTED = "found a line in brackets that is not indented"
OPEN_QUOTE = "found a quote that is not closed before a line that is not indented"
BREAK = r"(?:\r\n?|\n)"
# PyYAML ends lines at the first three, as in YAML 1.1, and gives the byte-order mark no column.
SPECIAL = "\x85\u2028\u2029\ufeff"
NAMES = {"\x85": "next line", "\ufeff": "byte-order mark"}


def _plain(end: str) -> re.Pattern[str]:
    """Pattern of a plain scalar within a line, which also ends before ': ' and ' #'.

    `end`: further characters that end it.
    """
    sign = rf"(?:[^\0 \t\r\n:#{end}]|:(?![\0 \t\r\n{end}])|(?<![\0 \t\r\n])#)"
    return re.compile(rf"{sign}++(?:[ \t]++{sign}++)*+")


PLAIN, PLAIN_IN_BRACKETS = _plain(""), _plain(r",\[\]{}")
EMPTY_LINES = re.compile(rf"(?P<empty>(?:[ \t]*{BREAK})*)(?P<indentation> *+)(?P<tabs>[ \t]*+)")
NEXT_LINE = re.compile(rf"[ \t]*+{BREAK}{EMPTY_LINES.pattern}")
DOCUMENT_MARK = re.compile(r"(?:---|\.\.\.)[\0 \t\r\n]")
ANCHOR = re.compile(r"[^\0 \t\r\n,\[\]{}]++")
BLOCK_HEADER = re.compile(r"(?:([+-])([1-9])?|([1-9])([+-])?)?(?=[\0 \t\r\n])")


def lines_of(text: str) -> list[str]:
    """Lines of `text`; at least one."""
    return re.split(BREAK, re.sub(rf"{BREAK}\Z", "", text))


def invisible(text: str) -> int | None:
    """Index of the first invisible character, or space that is none in YAML."""
    for index, character in enumerate(text):
        if character > "~" and (character == "\x85" or unicodedata.category(character) in {"Cf", "Zs", "Zl", "Zp"}):
            return index
    return None


class Scanner12(yaml.SafeLoader):
    """PyYAML's safe loader with the syntax of YAML 1.2."""

    tab: Any = None  # mark of a tab in this line, after which no key and no list item can begin

    def __init__(self, text: str) -> None:
        """Scan `text`, the whole document. Raises ReaderError at a forbidden character."""
        free = (chr(code) for code in range(0xF0000, 0x110000) if chr(code) not in text)
        mark = text.startswith("\ufeff")
        stand_ins: dict[str, str | int | None] = {each: next(free) for each in SPECIAL if each in text[mark:]}
        self.originals = {ord(str(stand_in)): each for each, stand_in in stand_ins.items()}
        # A last line of spaces belongs to a block scalar, as if it had a line break.
        end = "\n" if text.endswith(" ") else ""
        super().__init__(text[:mark] + text[mark:].translate(str.maketrans(stand_ins)) + end)

    # Between tokens

    def scan_to_next_token(self) -> None:
        """Skip blanks, comments and line breaks."""
        if self.index == 0 and self.peek() == "\ufeff":
            self.forward()
        new_line = False
        while True:
            indentation = self._skip_blanks()
            if self.peek() == "#":
                self._skip_comment()
            if not self.scan_line_break():
                break
            new_line, self.tab = True, None
            if not self.flow_level:
                self.allow_simple_key = True
        if new_line:
            self._check_indentation(indentation)

    def _skip_blanks(self) -> int:
        """Skip spaces and tabs; the column after the spaces.

        After a tab, no block collection begins.
        """
        while self.peek() == " ":
            self.forward()
        column: int = self.column
        if self.peek() == "\t":
            if self.allow_simple_key and not self.flow_level:
                self.tab, self.allow_simple_key = self.get_mark(), False
            while self.peek() in " \t":
                self.forward()
        return column

    def _skip_comment(self) -> None:
        if self.column and self.buffer[self.pointer - 1] not in " \t":
            raise ScannerError(None, None, "found a comment without a space before it", self.get_mark())
        while self.peek() not in "\0\r\n":
            self.forward()

    def _check_indentation(self, indentation: int) -> None:
        """Raise if the line here belongs to a value and is indented no more than its key."""
        inside = self.tab or (self.flow_level and self.peek() not in "]}")
        if inside and indentation <= self.indent and self.peek() != "\0":
            problem = TAB if self.column > indentation else NOT_INDENTED
            raise ScannerError(None, None, problem, self.tab or self.get_mark())

    # Which token begins here

    def _separated(self) -> bool:
        """Whether the indicator here, which could also begin a plain scalar, stands alone."""
        return self.peek(1) in ("\0 \t\r\n,[]{}" if self.flow_level else "\0 \t\r\n")

    def check_key(self) -> bool:
        """Whether the '?' here begins a key."""
        return self._separated()

    def check_value(self) -> bool:
        """Whether the ':' here begins a value; as in JSON, it may follow a quote."""
        last = self.tokens[-1] if self.tokens else None
        quoted = isinstance(last, ScalarToken) and not last.plain
        like_json = quoted or isinstance(last, FlowMappingEndToken | FlowSequenceEndToken)
        return self._separated() or bool(self.flow_level and like_json)

    def check_plain(self) -> bool:
        """Whether a plain scalar begins here."""
        character = self.peek()
        return character not in "\0 \t\r\n-?:,[]{}#&*!|>'\"%@`" or (character in "-?:" and not self._separated())

    # Scalars and anchors

    def scan_plain(self) -> ScalarToken:
        """A plain scalar, of one or more lines."""
        pattern = PLAIN_IN_BRACKETS if self.flow_level else PLAIN
        start, chunks = self.get_mark(), [""]
        while True:
            word = pattern.match(self.buffer, self.pointer)
            assert word is not None  # noqa: S101, check_plain and _continues have matched it
            self._require_visible(word[0].translate(self.originals))
            chunks.append(word[0].translate(self.originals))
            end = self.get_mark()
            line = NEXT_LINE.match(self.buffer, self.pointer)
            if line is None or not self._continues(line, pattern):
                return ScalarToken("".join(chunks), True, start, end)
            self.forward(line.end() - self.pointer)
            chunks.append("\n" * len(re.findall(BREAK, line["empty"])) or " ")

    def _continues(self, line: re.Match[str], pattern: re.Pattern[str]) -> bool:
        """Whether the plain scalar continues after `line`, a break and indentation."""
        if len(line["indentation"]) <= self.indent or self.buffer[line.end()] == "#":
            return False
        at_margin = not line["indentation"] and not line["tabs"]
        if at_margin and DOCUMENT_MARK.match(self.buffer, line.end()):
            return False
        return pattern.match(self.buffer, line.end()) is not None

    def _require_visible(self, text: str) -> None:
        """Advance by `text`; raise at its first invisible character."""
        index = invisible(text)
        self.forward(len(text) if index is None else index)
        if index is not None:
            name = NAMES.get(text[index]) or unicodedata.name(text[index], "unnamed").lower()
            problem = f"found the invisible character U+{ord(text[index]):04X} ({name})"
            raise ScannerError(None, None, problem, self.get_mark())

    def scan_flow_scalar(self, style: str) -> ScalarToken:
        """A scalar in quotes."""
        try:
            token = super().scan_flow_scalar(style)
        except (ValueError, OverflowError) as error:
            raise ScannerError(None, None, "found unknown escape character", self.get_mark()) from error
        # JSON, which is part of YAML 1.2, escapes characters beyond U+FFFF as two surrogates.
        joined = token.value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
        token.value = joined.translate(self.originals)
        return token

    def scan_flow_scalar_breaks(self, double: bool, start_mark: Any) -> list[Any]:
        """Empty lines within a quoted scalar, up to a line with text."""
        line = EMPTY_LINES.match(self.buffer, self.pointer)
        if line and len(line["indentation"]) <= self.indent and self.buffer[line.end()] != "\0":
            raise ScannerError(None, None, OPEN_QUOTE, start_mark)
        return super().scan_flow_scalar_breaks(double, start_mark)

    def scan_block_scalar(self, style: str) -> ScalarToken:
        """A block scalar: the lines below '|' or '>'."""
        token = super().scan_block_scalar(style)
        if self.peek() == "\t":
            raise ScannerError(None, None, TAB, self.get_mark())
        token.value = token.value.translate(self.originals)
        return token

    def scan_block_scalar_indicators(self, start_mark: Any) -> tuple[bool | None, int | None]:
        """Chomping (which line breaks to keep) and explicit indentation."""
        header = BLOCK_HEADER.match(self.buffer, self.pointer)
        if header is None:
            return super().scan_block_scalar_indicators(start_mark)
        self.forward(len(header[0]))
        chomping, indentation = header[1] or header[4], header[2] or header[3]
        return {"+": True, "-": False}.get(chomping), int(indentation) if indentation else None

    def scan_block_scalar_ignored_line(self, start_mark: Any) -> None:
        """The rest of the line with '|' or '>'."""
        while self.peek() in " \t":
            self.forward()
        super().scan_block_scalar_ignored_line(start_mark)

    def scan_block_scalar_indentation(self) -> tuple[list[Any], int, Any]:
        """Empty lines before the text, and its indentation."""
        breaks, indentation, end = super().scan_block_scalar_indentation()
        if max(self.indent, 0) < self.column < indentation and self.peek() != "\0":
            problem = "found a line that is indented less than the empty ones before it"
            raise ScannerError(None, None, problem, self.get_mark())
        return breaks, indentation, end

    def scan_anchor(self, TokenClass: Any) -> Any:  # noqa: N803, PyYAML's name
        """An anchor or alias."""
        start = self.get_mark()
        name = ANCHOR.match(self.buffer, self.pointer + 1)
        if name is None:
            return super().scan_anchor(TokenClass)
        self.forward(len(name[0]) + 1)
        return TokenClass(name[0].translate(self.originals), start, self.get_mark())
