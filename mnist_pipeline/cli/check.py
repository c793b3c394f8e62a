"""`mnist check`."""

import click

from mnist_pipeline.cli.options import config_option, set_option
from mnist_pipeline.cli.shared import load_config


@click.command()
@config_option
@set_option
def check(config: str | None, overrides: tuple[str, ...]) -> None:
    """Say what is wrong with a config, or what it would build, without TensorFlow.

    \b
    mnist check --config my.yaml
    """  # noqa: D301
    from mnist_pipeline.cli import display
    from mnist_pipeline.config.describe import describe_layers, describe_training

    loaded = load_config(config, overrides)
    display.show(
        display.table(describe_layers(loaded.config), left=["layer"]),
        display.key_values(describe_training(loaded.config)),
    )
