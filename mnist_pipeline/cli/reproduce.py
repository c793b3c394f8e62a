"""`mnist reproduce`."""

import click

from mnist_pipeline.cli.options import data_option, run_argument_or_option, run_dir_option
from mnist_pipeline.cli.shared import report_missing_litert, to_path
from mnist_pipeline.errors import RunError
from mnist_pipeline.terminal import echo, in_one_line


@click.command()
@run_argument_or_option
@run_dir_option
@data_option
def reproduce(run_name: str | None, run_dir: str | None, source: str | None) -> None:
    """Train a run again from its config, and say whether it came to the same, bit for bit.

    \b
    mnist reproduce
    mnist reproduce baseline-20261122-093000
    """  # noqa: D301
    from mnist_pipeline.cli import display
    from mnist_pipeline.reproduce import environment_changes
    from mnist_pipeline.reproduce import reproduce as reproduce_run
    from mnist_pipeline.run import store

    first = store.find(run_name)
    again, checks = reproduce_run(first, to_path(run_dir), source)
    report_missing_litert(again)
    echo(in_one_line(f"{again.name}, against {first.name}:"))
    display.show(display.checks(checks))
    if not all(check.agrees for check in checks):
        moved = "; ".join(environment_changes(first, again)) or "versions, hardware and threads are the same"
        raise RunError(f"{first.name} did not come out again. What differs besides: {moved}")
