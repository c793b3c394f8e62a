"""The command line: `cli`, the group of commands, and `main`, which runs it and exits."""

import atexit
import gc
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from mnist_pipeline import __version__, process
from mnist_pipeline.cli.commands import CommandGroup
from mnist_pipeline.cli.exit_status import outcome
from mnist_pipeline.terminal import standard_streams


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="mnist")
def cli() -> None:
    """Train, judge and ask a Keras model of handwritten digits, described by a YAML file.

    \b
    mnist train --config quickstart    5,000 real images, no download, seconds
    mnist evaluate                     judges the newest run
    mnist predict digit.png            reads a picture
    """  # noqa: D301, click's mark for lines that stay as they are


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit.

    With 0; 1 for what the user can mend; 2 for wrong usage; 130 or 143 when stopped; 141 when nobody reads stdout.
    """
    process.own()
    gc.disable()  # most commands end before looking for garbage pays; `framework` looks again
    atexit.register(gc.freeze)  # nor when Python ends, where it took a tenth of the time of `mnist predict`
    try:
        with standard_streams():
            status = outcome(cli, arguments)
    finally:
        gc.enable()
    sys.exit(status)
