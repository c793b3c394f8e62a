"""`mnist reproduce`."""

import click

from mnist_pipeline.cli.options import data_option, run_argument_or_option, run_dir_option
from mnist_pipeline.cli.run import find_run
from mnist_pipeline.errors import RunError
from mnist_pipeline.terminal import echo, in_one_line, log


@click.command()
@run_argument_or_option
@run_dir_option
@data_option
def reproduce(run_name: str | None, run_dir: str | None, source: str | None) -> None:
    """Train a run again from its config and compare the two runs.

    With the same versions, hardware and threads, the weights are the same, bit for bit.

    \b
    Examples:
      mnist reproduce
      mnist reproduce baseline-20261122-093000
    """  # noqa: D301
    from pathlib import Path

    from mnist_pipeline.cli import display
    from mnist_pipeline.cli.display.comparisons import comparisons_table
    from mnist_pipeline.cli.display.training import missing_litert_message
    from mnist_pipeline.reproduce import environment_changes
    from mnist_pipeline.reproduce import reproduce as reproduce_run

    original = find_run(run_name)
    reproduction, comparisons = reproduce_run(original, Path(run_dir) if run_dir else None, source)
    if message := missing_litert_message(reproduction):
        log(message)
    echo(in_one_line(f"{reproduction.name}, compared with {original.name}:"))
    display.show(comparisons_table(comparisons))
    if not all(comparison.agrees for comparison in comparisons):
        changes = (
            "; ".join(environment_changes(original, reproduction)) or "versions, hardware and threads are the same"
        )
        raise RunError(f"{original.name} was not reproduced. What else differs: {changes}")
