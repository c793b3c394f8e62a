"""The command line: `cli`, the group of commands, and `main`, which runs it."""

import atexit
import gc
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from mnist_pipeline import __version__, process
from mnist_pipeline.cli import exit_status
from mnist_pipeline.cli.commands import CommandGroup
from mnist_pipeline.cli.streams import standard_streams


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="mnist")
def cli() -> None:
    """Train, evaluate and use Keras models of handwritten digits, defined in YAML.

    \b
    Examples:
      mnist train --config quickstart    5,000 images, no download, seconds
      mnist evaluate                     the newest run
      mnist predict digit.png            your own handwriting
    """  # noqa: D301, click's mark for lines that it does not wrap


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit.

    Exit status: 0; 1 for an error that the user can fix; 2 for wrong usage; 70 for a bug of this package; 130 after
    Ctrl-C, 143 after SIGTERM; 141 if the reader of stdout has closed it.
    """
    process.own()
    gc.disable()  # most commands end before a collection pays off; `framework` enables it
    atexit.register(gc.freeze)  # collecting at exit took a tenth of the time of `mnist predict`
    try:
        with standard_streams():
            status = exit_status.run_command(cli, arguments)
    except KeyboardInterrupt:  # just before or after the command; inside, click turns it into Abort
        status = exit_status.INTERRUPTED
    finally:
        gc.enable()
    sys.exit(status)
