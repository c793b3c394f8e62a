"""What is printed: characters that can be shown, none that command a terminal, and no failure of work that is done.

`standard_streams` is for who owns the process; `printable` for all that may hold names or words of others.
"""

import codecs
import errno
import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NoReturn, TextIO

from mnist_pipeline.errors import OutputError

CLOSED = {errno.EPIPE, errno.EINVAL}  # the latter is what Windows says of a pipe that nobody reads
BRAILLE = range(0x2800, 0x2900)
PLAIN = {"–": "-", "—": "-", "…": "...", "×": "x", "·": ".", "─": "-"}
FIRST_NOT_ONE_WIDE = "\u0300"  # all that can be seen before it takes one column; then come marks that take none
ENCODING_ERRORS = "mnist_pipeline.replace_unencodable"


def printable(text: str) -> str:
    """`text` with what cannot be seen as Python writes it (backslash, x1b); lines, tabs and spaces stay."""
    return "\n".join(line if line.isprintable() else "".join(map(_shown, line)) for line in text.split("\n"))


def in_one_line(text: str) -> str:
    """`printable`, and without the lines and tabs that a name may hold."""
    return printable(text).replace("\n", "\\n").replace("\t", "\\t")


def display_width(text: str) -> int:
    """How many columns of a terminal `text` takes; it is `printable`, and in one line."""
    if max(text, default="") < FIRST_NOT_ONE_WIDE:
        return len(text)
    try:
        from rich.cells import cell_len
    except Exception:  # doctor prints names too, and tells that rich cannot be imported
        return len(text)
    return cell_len(text)


def wrap(parts: Sequence[str], width: int, indent: str, between: str = "  ") -> list[str]:
    """`parts` in lines of at most `width` columns, `between` them; one that is longer has a line, none is broken."""
    lines: list[str] = []
    for part in parts:
        if lines and display_width(lines[-1]) + len(between) + display_width(part) <= width:
            lines[-1] += f"{between}{part}"
        else:
            lines.append(f"{indent}{part}")
    return lines


def echo(text: str, err: bool = False, end: str = "\n") -> None:
    """Print to stdout or stderr."""
    print(printable(text), end=end, file=sys.stderr if err else sys.stdout)


def log(remark: str) -> None:
    """Print a line to stderr; names in it make no other ones."""
    echo(in_one_line(remark), err=True)


def echo_json(content: Any) -> None:
    """Print to stdout, for programs."""
    import json

    echo(json.dumps(content, indent=2, allow_nan=False))


def _shown(character: str) -> str:
    import unicodedata

    visible = character == "\t" or character.isprintable() or unicodedata.category(character) == "Zs"
    return character if visible else repr(character)[1:-1]


def replace_unencodable(error: UnicodeError) -> tuple[str | bytes, int]:
    """Stand-ins for what an encoding lacks: as plain ones where they say the same, else as Python writes it."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(map(_stand_in, lacking)), error.end


def _stand_in(character: str) -> str:
    if ord(character) in BRAILLE:  # drawings
        return " " if ord(character) == BRAILLE.start else "#"
    escaped = character.encode("ascii", "backslashreplace").decode("ascii")
    return PLAIN.get(character, escaped)


codecs.register_error(ENCODING_ERRORS, replace_unencodable)


class StdoutClosedError(Exception):
    """Nobody reads stdout any more, as after `mnist data | head -1`."""


@contextmanager
def standard_streams() -> Iterator[None]:
    """Inside, printing replaces what stdout and stderr cannot show.

    Nothing that fails to reach stderr is an error: progress and remarks are no results. Where stdout fails, raises
    StdoutClosedError or OutputError, which nobody between here and there takes for a failure of something else.
    """
    _open_missing()
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _Stream.of(sys.stdout, _say), _Stream.of(sys.stderr, _ignore)
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, _Stream):
                with suppress(StdoutClosedError, OutputError):
                    stream.detach()
        sys.stdout, sys.stderr = before


class _Stream(io.TextIOWrapper):
    """A standard stream whose failures go to `fail`, and not, as an OSError, to whoever happened to write."""

    _fail: Callable[[OSError], None]

    @classmethod
    def of(cls, stream: TextIO, fail: Callable[[OSError], None]) -> TextIO:
        """`stream`, if it can be wrapped: what tests and notebooks put in its place may not."""
        if not isinstance(stream, io.TextIOWrapper):
            return stream
        wrapped = cls(
            stream.buffer, stream.encoding, ENCODING_ERRORS,
            line_buffering=stream.line_buffering, write_through=stream.write_through,
        )  # fmt: skip
        wrapped._fail = fail
        return wrapped

    def write(self, text: str) -> int:
        """As in any stream; len(text) where it failed and that is no matter."""
        try:
            return super().write(text)
        except OSError as error:
            self._failed(error)
            return len(text)

    def flush(self) -> None:
        """As in any stream."""
        try:
            super().flush()
        except OSError as error:
            self._failed(error)

    def _failed(self, error: OSError) -> None:
        with suppress(OSError):  # what is left in the buffer would fail again when Python ends
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
        self._fail(error)


def _say(error: OSError) -> NoReturn:
    if error.errno in CLOSED:
        raise StdoutClosedError from error
    raise OutputError(f"cannot write to stdout: {error.strerror}") from error


def _ignore(_: OSError) -> None:
    pass


def _open_missing() -> None:
    """Let stdin, stdout and stderr be open, as after `mnist runs >&-`: else the next files would be taken for them."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    sys.stdout, sys.stderr = (
        stream or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123, for as long as the process lives
        for stream in (sys.stdout, sys.stderr)
    )
