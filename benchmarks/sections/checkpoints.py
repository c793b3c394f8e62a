"""The cost of being able to resume after a kill."""

from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.processes import module, run
from benchmarks.tables import spread, table

PRESETS = ("baseline", "cnn", "mlp")


def section(folder: Path) -> Iterator[str]:
    """A table: the checkpoints of a small, a convolutional and a large network."""
    results = {name: run(module("checkpoint", name, str(folder / f"checkpoint-{name}"))).result for name in PRESETS}
    rows = [
        (
            f"`{name}`",
            f"{each['bytes'] / 2**20:.1f}",
            spread([1000 * seconds for seconds in each["seconds"]], 0),
            f"{median(each['seconds']) / each['seconds_between']:.2%}",
        )
        for name, each in results.items()
    ]
    yield "## Checkpoints\n"
    between = results[PRESETS[0]]["seconds_between"]
    yield f"Written every {between:.0f} seconds, to the disk and not only to its cache; 20 of each.\n"
    yield table(("", "MiB", "milliseconds", "of the time"), rows)
