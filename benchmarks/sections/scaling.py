"""How time and memory grow with the images and with the width of the network."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.processes import in_turn, module
from benchmarks.sections.epochs import later_epoch
from benchmarks.tables import ratio, spread, table

ROUNDS = 3
FACTORS = (1, 2, 4, 8)
IMAGES, WIDTH = 7_500, 128


def section(_: Path) -> Iterator[str]:
    """Two tables: 1, 2, 4 and 8 times the images, and the width of the hidden layers of `baseline`."""
    images = {f"{IMAGES * factor:,} images": [f"data.train_samples={IMAGES * factor}"] for factor in FACTORS}
    widths = {
        f"{WIDTH * factor:,} units": [f"model.layers.{layer}.Dense.units={WIDTH * factor}" for layer in (1, 2)]
        for factor in FACTORS
    }
    yield "## Growth\n"
    yield f"An epoch of `baseline`, validation included, and the most memory that the process held; {ROUNDS} each.\n"
    yield _table(images)
    yield _table(widths)


def _table(sizes: dict[str, list[str]]) -> str:
    finished = in_turn(
        {name: module("epochs.fast", "baseline", *overrides) for name, overrides in sizes.items()}, ROUNDS
    )
    seconds = {name: [later_epoch(each) for each in runs] for name, runs in finished.items()}
    smallest = next(iter(seconds.values()))
    rows = [
        (name, spread(seconds[name], 3), ratio(seconds[name], smallest), f"{max(each.mebibytes for each in runs):,.0f}")
        for name, runs in finished.items()
    ]
    return table(("", "seconds", "of the smallest", "peak MiB"), rows)
