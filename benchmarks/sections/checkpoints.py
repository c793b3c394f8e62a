"""What it costs to be able to go on after a kill."""

from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.processes import module, run
from benchmarks.tables import spread, table
from mnist_pipeline.training.checkpoint import SECONDS_BETWEEN_FILES

PRESETS = ("baseline", "cnn", "mlp")


def section(folder: Path) -> Iterator[str]:
    """A table: the checkpoints of a small, a convolutional and a large network."""
    told = {name: run(module("epochs.checkpoint", name, str(folder / f"checkpoint-{name}"))).told for name in PRESETS}
    rows = [
        (
            f"`{name}`",
            f"{each['bytes'] / 2**20:.1f}",
            spread([1000 * seconds for seconds in each["seconds"]], 0),
            f"{median(each['seconds']) / SECONDS_BETWEEN_FILES:.2%}",
        )
        for name, each in told.items()
    ]
    yield "## Checkpoints\n"
    yield f"Written every {SECONDS_BETWEEN_FILES:.0f} seconds, to the disk and not only to its cache; 20 of each.\n"
    yield table(("", "MiB", "milliseconds", "of the time"), rows)
