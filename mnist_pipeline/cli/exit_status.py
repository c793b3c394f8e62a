"""Exit status of a command, and messages for its errors."""

import io
import re
import sys
from collections.abc import Sequence

import click

from mnist_pipeline.cli.streams import StdoutClosedError
from mnist_pipeline.errors import DiagnosticsError, MnistError, Terminated, import_error_reason
from mnist_pipeline.terminal import echo, log

# docs/command-line.md lists them for users. Above 128: 128 and the number of the signal, as in shells.
OK, USER_ERROR, USAGE_ERROR, BUG, INTERRUPTED, CLOSED_PIPE, TERMINATED = 0, 1, 2, 70, 130, 141, 143


def run_command(command: click.Command, arguments: Sequence[str] | None) -> int:
    """Run `command` and return its exit status; errors are printed to stderr.

    `arguments`: default: those of the process.
    """
    try:
        status = command.main(list(arguments) if arguments is not None else None, "mnist", standalone_mode=False)
        sys.stdout.flush()
    except Exception as error:
        return _report(error)
    return int(status or OK)


def _report(error: Exception) -> int:
    match error:
        case StdoutClosedError():
            return CLOSED_PIPE
        case click.Abort():
            return TERMINATED if isinstance(error.__cause__, Terminated) else INTERRUPTED
        case click.ClickException():
            _print_usage(error)
            return error.exit_code
        case DiagnosticsError():
            echo(str(error), err=True)
        case MnistError():
            log(f"Error: {error}")
        case ImportError() if not (error.name or "").startswith("mnist_pipeline"):
            log(f"Error: {import_error_reason(error)}. To see what works: mnist doctor")
        case MemoryError():
            log(f"Error: not enough memory{f': {error}' if str(error) else ''}. Close other programs, or use less data")
        case _:
            from mnist_pipeline.cli.bug_report import report_bug

            report_bug(error)
            return BUG
    return USER_ERROR


def _print_usage(error: click.ClickException) -> None:
    """Print the usage and click's message, whose words of the user stay on one line."""
    text = io.StringIO()
    error.show(text)
    usage, message, _ = text.getvalue().partition("Error: ")
    echo(usage, err=True, end="")
    if message:  # there is none after `mnist` alone, which prints its help
        log(f"Error: {error.format_message()}{_config_hint(error)}")


def _config_hint(error: click.ClickException) -> str:
    """What to write for `mnist check my.yaml`: the config is an option."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    takes_config = context and any(option.name == "config" for option in context.command.params)
    argument = re.fullmatch(r"Got unexpected extra argument \((.*)\)", error.format_message())
    return f". Did you mean --config {argument[1]}?" if takes_config and argument else ""
