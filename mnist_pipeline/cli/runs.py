"""`mnist runs`."""

from typing import Any

import click

from mnist_pipeline.cli.options import not_empty
from mnist_pipeline.run.sorting import SORT_ORDER, matches, sort
from mnist_pipeline.terminal import echo_json, log

COLUMNS = ("run", "status", "epochs", "params", "val_accuracy", "accuracy", "loss")


@click.command()
@click.argument("pattern", metavar="[PATTERN]", required=False, callback=not_empty)
@click.option(
    "--sort", "key", metavar="KEY", type=click.Choice([*SORT_ORDER]), default="started", show_default=True,
    help=f"Sort by {', '.join(SORT_ORDER)}; the best, the newest or the smallest come first.",
)  # fmt: skip
@click.option(
    "--format", "style", type=click.Choice(["table", "json"]), default="table", show_default=True,
    help="A table for people, or JSON for programs.",
)  # fmt: skip
def runs(pattern: str | None, key: str, style: str) -> None:
    """List runs with their metrics, newest first.

    The runs are those under runs/, or the folder in MNIST_RUNS; the metrics those on the validation and test sets.
    PATTERN selects runs by name: a shell pattern in quotes, or a part of the name.

    \b
    Examples:
      mnist runs
      mnist runs 'cnn*' --sort accuracy
      MNIST_RUNS=/shared/runs mnist runs --format json
    """  # noqa: D301
    from mnist_pipeline.cli import display
    from mnist_pipeline.run import store
    from mnist_pipeline.run.folder import runs_folder
    from mnist_pipeline.run.overview import overview

    all_runs = store.all_runs()
    rows = sort((overview(run) for run in all_runs if pattern is None or matches(run.name, pattern)), key)
    if style == "json":
        echo_json(rows)
    elif rows:
        display.show(display.table(map(_table_row, rows), left=["run", "status"]))
    if not all_runs:
        log(f"There are no runs under {runs_folder()}/ yet. Train one: mnist train --config quickstart")
    elif not rows:
        log(f"No run under {runs_folder()}/ matches {pattern!r}. To list all of them: mnist runs")


def _table_row(row: dict[str, Any]) -> dict[str, Any]:
    metrics = {"val_accuracy", "accuracy", "loss"}
    return {name: f"{row[name]:.4f}" if name in metrics and row[name] is not None else row[name] for name in COLUMNS}
