"""`mnist check`."""

import click

from mnist_pipeline.cli.config import load_config
from mnist_pipeline.cli.options import config_option, set_option


@click.command()
@config_option
@set_option
def check(config: str | None, overrides: tuple[str, ...]) -> None:
    """Check a config and show the model it defines. Does not start TensorFlow.

    \b
    Examples:
      mnist check --config my.yaml
      mnist check --config complete --set model.layers.4.Dropout=0.5
    """  # noqa: D301
    from mnist_pipeline.cli import display
    from mnist_pipeline.config.describe import describe_layers, describe_training

    loaded = load_config(config, overrides)
    display.show(
        display.table(describe_layers(loaded.config), left=["layer"]),
        display.key_values(describe_training(loaded.config)),
    )
