"""`mnist evaluate`."""

from typing import TYPE_CHECKING

import click

from mnist_pipeline.cli.options import data_option, run_option, runtime_option
from mnist_pipeline.terminal import echo_json, say

if TYPE_CHECKING:
    from mnist_pipeline.models.runtime import Runtime


@click.command()
@run_option
@click.option("--split", type=click.Choice(["test", "validation", "train"]), default="test", show_default=True)
@data_option
@click.option("--format", "style", type=click.Choice(["table", "json"]), default="table", show_default=True)
@runtime_option
def evaluate(run_name: str | None, split: str, source: str | None, style: str, runtime: "Runtime") -> None:
    """Judge a run on labelled images.

    \b
    mnist evaluate
    mnist evaluate --run baseline-20261122-093000 --split validation --format json
    """  # noqa: D301
    from mnist_pipeline.cli import display
    from mnist_pipeline.metrics.evaluate import evaluate as evaluate_run
    from mnist_pipeline.run import store
    from mnist_pipeline.run.status import unfinished_remark

    run = store.find(run_name)
    if unfinished := unfinished_remark(run):
        say(unfinished)
    figures = evaluate_run(run, split, source, runtime)
    remark = display.overlap(figures) if source or split == "test" else None
    if remark:
        say(remark)
    if style == "json":
        echo_json(figures)
    else:
        display.show(*display.evaluation(figures))
