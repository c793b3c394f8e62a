"""`mnist doctor`."""

import click

from mnist_pipeline.errors import InstallationError


@click.command()
def doctor() -> None:
    """Show versions, processors and GPU: whether one is used, and if not, why.

    \b
    mnist doctor
    """  # noqa: D301
    from mnist_pipeline.cli import display
    from mnist_pipeline.diagnostics.doctor import diagnose

    found = diagnose()
    display.show(display.key_values(found.facts))
    if found.advice:
        raise InstallationError(found.advice)
