"""`mnist data`."""

import click

from mnist_pipeline.cli.completion import complete_data_source
from mnist_pipeline.cli.options import not_empty

DRAWING_WIDTH = 15  # columns of a digit and the space after it


@click.command()
@click.argument("source", default="mnist", callback=not_empty, shell_complete=complete_data_source)
def data(source: str) -> None:
    """Describe a dataset: images, pixel values, classes and samples.

    SOURCE is mnist (the default), mnist_sample, fashion_mnist, a .npz file or a folder of IDX files.

    \b
    Examples:
      mnist data mnist_sample
      mnist data my_digits.npz
    """  # noqa: D301
    from mnist_pipeline.cli import display
    from mnist_pipeline.data.describe import describe, samples
    from mnist_pipeline.data.drawing import drawing
    from mnist_pipeline.data.sources import Access, load

    loaded = load(source, Access(advice="mnist data"))
    description = describe(loaded)
    display.show(display.key_values(description.facts), display.table(description.classes, left=["name"]))
    across = max(1, min(5, display.terminal_width() // DRAWING_WIDTH))
    display.show(drawing(*samples(loaded), across=across))
