"""`mnist train`."""

from typing import TYPE_CHECKING

import click

from mnist_pipeline.cli.completion import complete_run
from mnist_pipeline.cli.config import load_config
from mnist_pipeline.cli.options import (  # fmt: skip
    config_option,
    data_option,
    not_empty,
    run_dir_option,
    set_option,
    threads_option,
    usage_error,
)
from mnist_pipeline.terminal import echo, in_one_line, log

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from mnist_pipeline.pipeline import Experiment


@click.command()
@config_option
@set_option
@data_option
@run_dir_option
@click.option(
    "--resume", metavar="RUN", callback=not_empty, shell_complete=complete_run, help="Finish an interrupted run."
)
@threads_option
def train(
    config: str | None,
    overrides: tuple[str, ...],
    source: str | None,
    run_dir: str | None,
    resume: str | None,
    threads: int | None,
) -> None:
    """Train a model from a config, and leave it in a run folder.

    \b
    Examples:
      mnist train --config baseline
      mnist train --config my.yaml --set training.epochs=3
      mnist train --resume baseline-20261122-093000
    """  # noqa: D301
    if (config is None) == (resume is None):
        raise usage_error("Expected either --config or --resume, such as: mnist train --config quickstart")
    if resume is None:
        _train(_prepare(config, overrides, source, run_dir, threads))
        return
    if overrides or source or run_dir or threads:
        raise usage_error("--resume takes no other options: an interrupted run continues as it began.")
    from mnist_pipeline import pipeline

    _train(pipeline.resume(resume))


def _prepare(
    config: str | None, overrides: tuple[str, ...], source: str | None, run_dir: str | None, threads: int | None
) -> "AbstractContextManager[Experiment]":
    import json
    from pathlib import Path

    from mnist_pipeline import pipeline

    if source is not None:
        overrides = (*overrides, f"data.dataset={json.dumps(source)}")
    loaded = load_config(config, overrides)
    if threads:
        from mnist_pipeline.training.devices import use_threads

        use_threads(threads, threads)
    return pipeline.prepare(loaded, Path(run_dir) if run_dir else None)


def _train(context: "AbstractContextManager[Experiment]") -> None:
    from mnist_pipeline import pipeline
    from mnist_pipeline.cli import display
    from mnist_pipeline.cli.display.evaluation import summary_line
    from mnist_pipeline.cli.display.training import missing_litert_message
    from mnist_pipeline.run.status import interruption_message

    with context as experiment:
        log(f"Run: {experiment.run.folder}")
        try:
            metrics = pipeline.execute(experiment)
        except KeyboardInterrupt:
            echo(f"\n{in_one_line(interruption_message(experiment.run))}", err=True)
            raise
    if message := missing_litert_message(experiment.run):
        log(message)
    if metrics:
        display.show(summary_line(metrics))
    else:
        log(f"{experiment.dataset.source.origin} has no test images, so {experiment.run.name} was not evaluated.")
