"""`mnist schema`."""

import click

from mnist_pipeline.terminal import echo_json


@click.command()
def schema() -> None:
    """Print the JSON Schema of the config, for editors.

    \b
    mnist schema > mnist.schema.json
    then, in the first line of a config:  # yaml-language-server: $schema=mnist.schema.json
    """  # noqa: D301
    from mnist_pipeline.config.json_schema import json_schema

    echo_json(json_schema())
