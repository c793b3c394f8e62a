"""`mnist evaluate`."""

from typing import TYPE_CHECKING

import click

from mnist_pipeline.cli.options import data_option, run_argument_or_option, runtime_option
from mnist_pipeline.terminal import echo_json, log

if TYPE_CHECKING:
    from mnist_pipeline.models.runtime import Runtime


@click.command()
@run_argument_or_option
@click.option(
    "--split", type=click.Choice(["test", "validation", "train"]), default="test", show_default=True,
    help="Part of the data to evaluate on.",
)  # fmt: skip
@data_option
@click.option(
    "--format", "style", type=click.Choice(["table", "json"]), default="table", show_default=True,
    help="Tables for people, or JSON for programs.",
)  # fmt: skip
@runtime_option
def evaluate(run_name: str | None, split: str, source: str | None, style: str, runtime: "Runtime") -> None:
    """Evaluate a run on labeled images.

    \b
    Examples:
      mnist evaluate
      mnist evaluate baseline-20261122-093000 --split validation
      mnist evaluate --data my_digits.npz --format json
    """  # noqa: D301
    from mnist_pipeline.cli import display
    from mnist_pipeline.cli.display.evaluation import evaluation, overlap_message
    from mnist_pipeline.metrics.evaluate import evaluate as evaluate_run
    from mnist_pipeline.run import store
    from mnist_pipeline.run.status import unfinished_message

    run = store.find(run_name)
    if unfinished := unfinished_message(run):
        log(unfinished)
    metrics = evaluate_run(run, split, source, runtime)
    if (source or split == "test") and (overlap := overlap_message(metrics)):
        log(overlap)
    if style == "json":
        echo_json(metrics)
    else:
        display.show(*evaluation(metrics))
