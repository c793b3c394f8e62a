"""`mnist train`."""

import click

from mnist_pipeline.cli.exit_status import after_interruption
from mnist_pipeline.cli.options import config_option, data_option, not_empty, run_dir_option, set_option, threads_option
from mnist_pipeline.cli.shared import load_config, report_missing_litert, to_path
from mnist_pipeline.terminal import echo, in_one_line, log


@click.command()
@config_option
@set_option
@data_option
@run_dir_option
@click.option("--resume", metavar="RUN", callback=not_empty, help="Finish an interrupted run.")
@threads_option
def train(
    config: str | None,
    overrides: tuple[str, ...],
    source: str | None,
    run_dir: str | None,
    resume: str | None,
    threads: int | None,
) -> None:
    """Train a model; the result is a run folder.

    \b
    mnist train --config baseline
    mnist train --config my.yaml --set training.epochs=3
    mnist train --resume baseline-20261122-093000
    """  # noqa: D301
    if (config is None) == (resume is None):
        raise click.UsageError("Give either --config or --resume, such as: mnist train --config quickstart")
    if resume and (overrides or source or run_dir or threads):
        raise click.UsageError("--resume goes on with the run as it is; it takes no other options.")
    import json

    from mnist_pipeline import pipeline
    from mnist_pipeline.cli import display

    if resume:
        begun = pipeline.resume(resume)
    else:
        overrides = overrides if source is None else (*overrides, f"data.dataset={json.dumps(source)}")
        loaded = load_config(config, overrides)
        if threads:
            from mnist_pipeline.training.devices import use_threads

            use_threads(threads, threads)
        begun = pipeline.prepare(loaded, to_path(run_dir))
    with begun as work:
        log(f"Run: {work.run.folder}")
        try:
            figures = pipeline.execute(work)
        except KeyboardInterrupt:
            echo(f"\n{in_one_line(after_interruption(work.run))}", err=True)
            raise
    report_missing_litert(work.run)
    if figures:
        display.show(in_one_line(f"{work.run.name}: {display.summary_line(figures)}"))
    else:
        log(f"{work.dataset.source.origin} has no test images, so this run is not judged.")
