"""Load the config that the options --config and --set name."""

from typing import TYPE_CHECKING

from mnist_pipeline.cli.options import usage_error
from mnist_pipeline.terminal import echo

if TYPE_CHECKING:
    from mnist_pipeline.config.load import LoadedConfig


def load_config(config: str | None, overrides: tuple[str, ...]) -> "LoadedConfig":
    """The config of a file or preset; prints its warnings.

    Raises ConfigError, and UsageError without --config.
    """
    from mnist_pipeline.config.load import load

    if config is None:
        raise usage_error("Missing option '--config' / '-c', such as: --config quickstart")
    loaded = load(config, overrides)
    for warning in loaded.warnings:
        echo(str(warning), err=True)
    return loaded
