"""The peak memory of training."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.processes import in_turn, mnist, module
from benchmarks.tables import ratio, spread, table

ROUNDS = 3


def section(folder: Path) -> Iterator[str]:
    """The whole of `mnist train` beside the guide's script."""
    ours = ("train", "--config", "baseline", "--set", "training.epochs=3", "--run-dir", str(folder / "memory-{round}"))
    commands = {"stock Keras": module("epochs.stock", "baseline"), "**this pipeline**": mnist(*ours)}
    finished = in_turn(commands, ROUNDS)
    memory = {name: [each.mebibytes for each in runs] for name, runs in finished.items()}
    stock = next(iter(memory.values()))
    rows = [(name, spread(values, 0), ratio(values, stock)) for name, values in memory.items()]
    yield "## Memory\n"
    yield "Training `baseline` on 60,000 images for three epochs: the peak of the process.\n"
    yield table(("", "peak MiB", "of stock"), rows)
