"""`python -m mnist_pipeline` is `mnist`."""

import os
import signal
import sys

TYPE_CHECKING = False  # typing's own takes a twentieth of the time of `mnist --help` before Ctrl-C is handled
if TYPE_CHECKING:
    from typing import NoReturn


def main() -> "NoReturn":
    """Run the command line and exit; without click, on which it is built, exit with 1 and what to install."""
    handler = signal.getsignal(signal.SIGINT)
    if handler is signal.default_int_handler:  # and not ignored, as in a process in the background
        signal.signal(signal.SIGINT, _exit_at_once)
    try:
        import click  # noqa: F401, the first import of the command line
    except Exception as error:  # whatever a broken installation raises
        _report_missing_click(error)
        sys.exit(1)
    from mnist_pipeline.cli.main import main as run_command_line

    signal.signal(signal.SIGINT, handler)
    run_command_line()


def _exit_at_once(*_: object) -> None:
    """Exit on Ctrl-C without a traceback: while modules are imported, nothing has begun that would need an end."""
    os._exit(130)


def _report_missing_click(error: Exception) -> None:
    from mnist_pipeline.errors import import_error_reason
    from mnist_pipeline.installation import install_again
    from mnist_pipeline.terminal import log

    log(f"Error: click: cannot be imported: {import_error_reason(error)}. {install_again(['click'])}")


if __name__ == "__main__":
    main()
