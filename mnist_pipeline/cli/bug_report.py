"""Report an unexpected exception: a message on stderr, and details in a file."""

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from mnist_pipeline.environment import state_folder, temporary_folder, versions
from mnist_pipeline.errors import describe_error
from mnist_pipeline.files import atomic_write
from mnist_pipeline.terminal import echo, log


def report_bug(error: Exception) -> None:
    """Report `error` as a bug, with details in a file, otherwise on stderr."""
    details = _details(error)
    file = _write(details)
    log(f"mnist: internal error: {_summary(error)}")
    log(f"This is a bug in mnist, not a mistake of yours. Details: {file or 'below'}")
    log("Please report it, with these details, to the maintainers of mnist-pipeline")
    if file is None:
        echo(f"\n{details}", err=True)


def _summary(error: Exception) -> str:
    try:
        return describe_error(error)
    except Exception:  # its message cannot be made
        return type(error).__name__


def _details(error: Exception) -> str:
    """Command, versions, platform and traceback; no environment variables (secrets)."""
    system = {"time": datetime.now(UTC).isoformat(timespec="seconds"), **_system()}
    lines = "".join(f"{name:<16}{value}\n" for name, value in system.items())
    return f"{lines}\n{''.join(traceback.format_exception(error))}"


def _system() -> dict[str, str]:
    try:
        import platform
        import shlex

        return {"command": shlex.join(["mnist", *sys.argv[1:]]), "platform": platform.platform(), **versions()}
    except Exception as error:  # the bug may be in here
        return {"system": f"unknown: {describe_error(error)}"}


def _write(details: str) -> Path | None:
    """A new file with `details`; None if none can be written."""
    name = f"bug-{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.urandom(3).hex()}.txt"
    for folder in _folders():
        with suppress(Exception):
            folder.mkdir(parents=True, exist_ok=True)
            with atomic_write(folder / name) as partial:
                partial.write_text(details, encoding="utf-8", errors="backslashreplace")
            return folder / name
    return None


def _folders() -> Iterator[Path]:
    """The user's state folder, then the one for temporary files."""
    with suppress(RuntimeError):  # the user has no home
        yield state_folder()
    temporary = temporary_folder()
    if temporary:
        yield temporary
