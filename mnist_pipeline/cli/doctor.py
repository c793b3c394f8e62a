"""`mnist doctor`."""

import click

from mnist_pipeline.errors import InstallationError


@click.command()
def doctor() -> None:
    """Check the installation: versions, processors and GPU.

    Says why a GPU is not used, and how to install what is missing or broken.

    \b
    Examples:
      mnist doctor
      TF_CPP_MIN_LOG_LEVEL=0 mnist doctor    with TensorFlow's own messages
    """  # noqa: D301
    from mnist_pipeline.cli import display
    from mnist_pipeline.diagnostics.doctor import diagnose

    diagnosis = diagnose()
    display.show(display.key_values(diagnosis.properties))
    if diagnosis.advice:
        raise InstallationError(diagnosis.advice)
