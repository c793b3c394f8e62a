"""`mnist data`."""

import click

from mnist_pipeline.cli.options import not_empty


@click.command()
@click.argument("source", default="mnist", callback=not_empty)
def data(source: str) -> None:
    """Show what the data are: shapes, ranges, classes, samples.

    \b
    mnist data mnist_sample
    """  # noqa: D301
    from mnist_pipeline.cli import display
    from mnist_pipeline.data.describe import describe, samples
    from mnist_pipeline.data.drawing import drawing
    from mnist_pipeline.data.sources import Access, load

    loaded = load(source, Access(advice="mnist data"))
    description = describe(loaded)
    display.show(display.key_values(description.facts), display.table(description.classes, left=["name"]))
    display.show(drawing(*samples(loaded), across=max(1, min(5, display.width() // 15))))
