"""`mnist new`."""

import click

from mnist_pipeline.cli.completion import complete_config
from mnist_pipeline.cli.options import not_empty
from mnist_pipeline.terminal import echo, in_one_line


@click.command()
@click.argument("file", metavar="FILE", callback=not_empty, type=click.Path())
@click.option(
    "--from", "preset", metavar="PRESET", callback=not_empty, shell_complete=complete_config,
    show_default="a small dense network", help="Preset to copy, such as cnn.",
)  # fmt: skip
def new(file: str, preset: str | None) -> None:
    """Write a commented config to start from.

    \b
    Examples:
      mnist new my.yaml
      mnist new my.yaml --from cnn
    """  # noqa: D301
    from pathlib import Path

    from mnist_pipeline.config.new_config import shell_word, write_new_config

    write_new_config(Path(file), preset)
    echo(in_one_line(f"Wrote {file}. Edit it, then check it and train it:"))
    for verb in ("check", "train"):
        echo(in_one_line(f"  mnist {verb} --config {shell_word(file)}"))
