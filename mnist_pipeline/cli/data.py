"""`mnist data`."""

import click

from mnist_pipeline.cli.completion import complete_data_source
from mnist_pipeline.cli.options import not_empty

DRAWING_WIDTH = 15  # columns of a digit and the space after it


@click.command()
@click.argument("name", metavar="[SOURCE]", default="mnist", callback=not_empty, shell_complete=complete_data_source)
def data(name: str) -> None:
    """Describe a dataset: images, pixel values, classes and samples.

    SOURCE is mnist (the default), mnist_sample, fashion_mnist, a .npz file or a folder of IDX files.

    \b
    Examples:
      mnist data mnist_sample
      mnist data my_digits.npz
    """  # noqa: D301
    from mnist_pipeline.cli import display
    from mnist_pipeline.data.braille import to_braille
    from mnist_pipeline.data.describe import describe, first_of_each_class
    from mnist_pipeline.data.sources import Access, load

    source = load(name, Access(source_option="mnist data"))
    description = describe(source)
    display.show(display.key_values(description.properties), display.table(description.class_counts, left=["name"]))
    per_row = max(1, min(5, display.terminal_width() // DRAWING_WIDTH))
    display.show(to_braille(*first_of_each_class(source), per_row=per_row))
