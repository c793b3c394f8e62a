"""How a command ends: its exit status, and what is said of an error."""

import io
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from mnist_pipeline.errors import DiagnosticsError, MnistError, Terminated, import_error_reason
from mnist_pipeline.terminal import StdoutClosedError, echo, in_one_line, log

if TYPE_CHECKING:
    from mnist_pipeline.run.folder import Run

INTERRUPTED, TERMINATED, CLOSED = 130, 143, 141  # 128 and the number of the signal, as shells have it


def outcome(command: click.Command, arguments: Sequence[str] | None) -> int:
    """The exit status of `command` with `arguments`, those of the process by default; errors are said on stderr."""
    try:
        status = command.main(list(arguments) if arguments is not None else None, "mnist", standalone_mode=False)
        sys.stdout.flush()
    except StdoutClosedError:
        return CLOSED
    except MnistError as error:
        echo(str(error) if isinstance(error, DiagnosticsError) else in_one_line(f"Error: {error}"), err=True)
        return 1
    except ImportError as error:
        if (error.name or "").startswith("mnist_pipeline"):
            raise  # a bug of ours; all else is an installation that lacks something
        log(f"Error: {import_error_reason(error)}. To see what works: mnist doctor")
        return 1
    except click.Abort as abort:
        return TERMINATED if isinstance(abort.__cause__, Terminated) else INTERRUPTED
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        echo(shown.getvalue().partition("Error: ")[0], err=True, end="")  # how the command is used
        log(f"Error: {error.format_message()}")
        return error.exit_code
    return int(status or 0)


def after_interruption(run: "Run") -> str:
    """What is saved of a run whose training was interrupted, and how to finish it."""
    epochs = run.record.get("epochs")
    if epochs is None:
        saved = "what the last checkpoint holds is saved" if run.checkpoint else "nothing is saved yet"
        return f"Interrupted; {saved}. To go on: mnist train --resume {run.name}"
    when = f"after {epochs} epoch{'' if epochs == 1 else 's'}" if epochs else "in its first epoch"
    return f"Interrupted {when}; what was reached is saved. To finish it: mnist train --resume {run.name}"
