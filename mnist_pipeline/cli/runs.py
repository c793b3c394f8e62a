"""`mnist runs`."""

import click

from mnist_pipeline.terminal import log


@click.command()
def runs() -> None:
    """List the runs under runs/, newest first, with their figures.

    \b
    mnist runs
    MNIST_RUNS=/shared/runs mnist runs
    """  # noqa: D301
    from mnist_pipeline.cli import display
    from mnist_pipeline.run import store
    from mnist_pipeline.run.folder import runs_folder

    rows = [store.overview(each) for each in store.all_runs()]
    if rows:
        display.show(display.table(rows, left=["run", "status"]))
    else:
        where = f"There are no runs under {runs_folder()}/ yet"
        log(f"{where}. Train one: mnist train --config quickstart")
