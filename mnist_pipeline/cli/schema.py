"""`mnist schema`."""

import click

from mnist_pipeline.terminal import echo_json


@click.command()
def schema() -> None:
    """Print the JSON Schema of configs, for editors.

    An editor with the YAML language server then completes and checks a config that begins with the line
    # yaml-language-server: $schema=mnist.schema.json

    \b
    Examples:
      mnist schema > mnist.schema.json
    """  # noqa: D301
    from mnist_pipeline.config.json_schema import json_schema

    echo_json(json_schema())
