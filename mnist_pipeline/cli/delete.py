"""`mnist delete`."""

import sys
from typing import TYPE_CHECKING

import click

from mnist_pipeline.cli.completion import complete_run
from mnist_pipeline.cli.options import not_empty, usage_error
from mnist_pipeline.terminal import echo, in_one_line, log

if TYPE_CHECKING:
    from mnist_pipeline.run.folder import Run


@click.command()
@click.argument("names", metavar="RUN...", nargs=-1, required=True, callback=not_empty, shell_complete=complete_run)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def delete(context: click.Context, names: tuple[str, ...], yes: bool) -> None:
    """Delete runs.

    Asks first. Refuses a run that is training, a run whose weights another run started from, and one whose folder holds
    files that training did not write; then none of the runs is deleted.

    \b
    Examples:
      mnist delete smoke-20261122-093000
      mnist delete --yes runs/smoke-*
    """  # noqa: D301
    from mnist_pipeline.run.delete import delete as delete_run
    from mnist_pipeline.run.delete import find_deletable

    runs, problems = find_deletable(names)
    if problems:
        for problem in problems:
            log(f"Error: {problem}")
        log("Nothing was deleted.")
        context.exit(1)
    if not yes and not _confirm(runs):
        log("Nothing was deleted.")
        context.exit(1)
    for run in runs:
        delete_run(run)
        echo(in_one_line(f"Deleted {run.name}"))


def _confirm(runs: list["Run"]) -> bool:
    """List `runs` with their sizes, and ask whether to delete them.

    Raises UsageError if stdin is not a terminal.
    """
    from mnist_pipeline.run.delete import size
    from mnist_pipeline.run.store import status_or_damage

    if sys.stdin is None or not sys.stdin.isatty():
        raise usage_error("There is no terminal to ask on. To delete without a question: mnist delete --yes RUN")
    for run in runs:
        log(f"{run.name}: {status_or_damage(run)}, {size(run) / 1e6:.1f} MB")
    question = "Delete this run?" if len(runs) == 1 else f"Delete these {len(runs)} runs?"
    return click.confirm(f"{question} This cannot be undone", err=True)
