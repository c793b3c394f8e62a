"""How long `fast` takes to 99 %."""

from collections.abc import Iterator
from pathlib import Path
from statistics import mean

from benchmarks.sections.models import trained
from benchmarks.tables import spread, table

SEEDS = range(5)


def section(folder: Path) -> Iterator[str]:
    """The accuracy and the seconds of the whole process, for five seeds."""
    runs = {seed: trained(folder / f"fast-{seed}", "fast", f"seed={seed}") for seed in SEEDS}
    rows = [(str(seed), f"{each.accuracy:.2%}", f"{each.seconds:.1f}") for seed, each in runs.items()]
    accuracy = mean(each.accuracy for each in runs.values())
    seconds = spread([each.seconds for each in runs.values()], 1)
    yield "## To 99 %\n"
    yield (
        "`mnist train --config fast --set seed=...`: the whole process, import of TensorFlow, export and evaluation "
        "included; accuracy on the 10,000 test images.\n"
    )
    yield table(("seed", "accuracy", "seconds"), [*rows, ("mean, median", f"{accuracy:.2%}", seconds)])
