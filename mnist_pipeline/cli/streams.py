"""Standard streams that print any character, and fail only if results are lost."""

import codecs
import errno
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn, TextIO

from mnist_pipeline.errors import OutputError

CLOSED_PIPE = {errno.EPIPE, errno.EINVAL}  # Windows reports EINVAL for a pipe without a reader
BRAILLE = range(0x2800, 0x2900)
ASCII = {"–": "-", "—": "-", "…": "...", "×": "x", "·": ".", "─": "-"}
ENCODING_ERRORS = "mnist_pipeline.replace_unencodable"


class StdoutClosedError(Exception):
    """The reader of stdout has closed it, as in `mnist data | head -1`."""


@contextmanager
def standard_streams() -> Iterator[None]:
    """Inside, characters that stdout and stderr cannot encode are replaced.

    A failed write to stderr is ignored, as progress and messages are not results. A failed write to stdout raises
    StdoutClosedError or OutputError, and not OSError, which callers could take for a failure of their own.
    """
    _open_missing()
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _Stream.wrap(sys.stdout, _raise), _Stream.wrap(sys.stderr, _ignore)
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, _Stream):
                with suppress(StdoutClosedError, OutputError):
                    stream.detach()
        sys.stdout, sys.stderr = before


def replace_unencodable(error: UnicodeError) -> tuple[str | bytes, int]:
    r"""Codec error handler: a similar ASCII character, otherwise an escape (`\u270f`)."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_replacement, error.object[error.start : error.end])), error.end


def _replacement(character: str) -> str:
    if ord(character) in BRAILLE:  # drawings
        return " " if ord(character) == BRAILLE.start else "#"
    escape = character.encode("ascii", "backslashreplace").decode("ascii")
    return ASCII.get(character, escape)


codecs.register_error(ENCODING_ERRORS, replace_unencodable)


class _Stream(io.TextIOWrapper):
    """A standard stream that passes OSErrors to `on_failure` instead of raising them."""

    on_failure: Callable[[OSError], None]

    @classmethod
    def wrap(cls, stream: TextIO, on_failure: Callable[[OSError], None]) -> TextIO:
        """`stream` wrapped; unchanged if it is of another kind, as in tests and notebooks."""
        if not isinstance(stream, io.TextIOWrapper):
            return stream
        wrapped = cls(
            stream.buffer, stream.encoding, ENCODING_ERRORS,
            line_buffering=stream.line_buffering, write_through=stream.write_through,
        )  # fmt: skip
        wrapped.on_failure = on_failure
        return wrapped

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except OSError as error:
            self._discard_the_rest(error)
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            self._discard_the_rest(error)

    def _discard_the_rest(self, error: OSError) -> None:
        with suppress(OSError):  # the buffered text would fail again when Python exits
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, self.fileno())
            os.close(null)
        self.on_failure(error)


def _raise(error: OSError) -> NoReturn:
    if error.errno in CLOSED_PIPE:
        raise StdoutClosedError from error
    raise OutputError(f"cannot write to stdout: {error.strerror}") from error


def _ignore(_: OSError) -> None:
    pass


def _open_missing() -> None:
    """Open standard streams that are closed, as after `mnist runs >&-`.

    Otherwise the next file that is opened would get their number.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number
    sys.stdout, sys.stderr = (
        stream or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123, open until the process ends
        for stream in (sys.stdout, sys.stderr)
    )
