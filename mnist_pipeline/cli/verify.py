"""`mnist verify`."""

import click

from mnist_pipeline.cli.options import data_option, run_argument_or_option
from mnist_pipeline.errors import RunError


@click.command()
@run_argument_or_option
@data_option
def verify(run_name: str | None, source: str | None) -> None:
    """Check that a run holds what it says: its files, its data, its figures.

    \b
    mnist verify
    mnist verify baseline-20261122-093000
    """  # noqa: D301
    from mnist_pipeline.cli import display
    from mnist_pipeline.run import store
    from mnist_pipeline.verify import verify as verify_run

    judged = store.find(run_name)
    checks = verify_run(judged, source)
    display.show(display.checks(checks))
    wrong = [check.what for check in checks if not check.agrees]
    if wrong:
        raise RunError(f"{judged.name} does not hold what it says: {', '.join(wrong)}")
