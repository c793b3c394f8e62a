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
    from mnist_pipeline.data.braille import to_braille
    from mnist_pipeline.data.describe import describe, first_of_each_class
    from mnist_pipeline.data.sources import Access, load

    loaded = load(source, Access(advice="mnist data"))
    description = describe(loaded)
    display.show(display.key_values(description.properties), display.table(description.class_counts, left=["name"]))
    display.show(to_braille(*first_of_each_class(loaded), per_row=max(1, min(5, display.width() // 15))))
