"""`python -m mnist_pipeline` is `mnist`."""

import os
import signal
import sys

TYPE_CHECKING = False  # typing's own is imported in 3 ms, in which Ctrl-C would show a traceback
if TYPE_CHECKING:
    from typing import Any, NoReturn


def main() -> "NoReturn":
    """Run the command line and exit; without click, exit with 1 and what to install."""
    _handle_ctrl_c(_exit_at_once)
    try:
        import click  # noqa: F401, the first import of the command line
    except Exception as error:  # a broken installation raises any exception
        _report_missing_click(error)
        sys.exit(1)
    from mnist_pipeline.cli.main import main as run_command_line

    _handle_ctrl_c(signal.default_int_handler)
    try:
        run_command_line()
    finally:
        _handle_ctrl_c(_exit_at_once)


def _handle_ctrl_c(handler: "Any") -> None:
    """Set the handler of SIGINT, unless the shell ignores it, as in the background."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, handler)


def _exit_at_once(*_: object) -> None:
    """Exit without a traceback; at an import or at exit there is nothing to save."""
    os._exit(130)


def _report_missing_click(error: Exception) -> None:
    from mnist_pipeline.errors import import_error_reason
    from mnist_pipeline.installation import install_again
    from mnist_pipeline.terminal import log

    log(f"Error: click: cannot be imported: {import_error_reason(error)}. {install_again(['click'])}")


if __name__ == "__main__":
    main()
