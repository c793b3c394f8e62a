"""`mnist verify`."""

import click

from mnist_pipeline.cli.options import data_option, run_argument_or_option
from mnist_pipeline.cli.run import find_run
from mnist_pipeline.errors import RunError


@click.command()
@run_argument_or_option
@data_option
def verify(run_name: str | None, source: str | None) -> None:
    """Verify the files, data and metrics of a run.

    Compares the SHA-256 of files and data with those recorded in training, and evaluates the model again.

    \b
    Examples:
      mnist verify
      mnist verify baseline-20261122-093000
    """  # noqa: D301
    from mnist_pipeline.cli import display
    from mnist_pipeline.cli.display.comparisons import comparisons_table
    from mnist_pipeline.verify import verify as verify_run

    run = find_run(run_name)
    comparisons = verify_run(run, source)
    display.show(comparisons_table(comparisons))
    differences = [comparison.what for comparison in comparisons if comparison.agrees is False]
    if differences:
        raise RunError(f"{run.name} is not as it was when its training ended: {', '.join(differences)}")
    if any(comparison.agrees is None for comparison in comparisons):
        raise RunError(f"the files of {run.name} are unchanged; its data and metrics could not be checked")
