"""How long `fast` takes to 99 %."""

import json
from collections.abc import Iterator
from pathlib import Path
from statistics import mean

from benchmarks.processes import mnist, run
from benchmarks.tables import spread, table

SEEDS = range(5)


def section(folder: Path) -> Iterator[str]:
    """The accuracy and the seconds of the whole process, for five seeds."""
    rows, accuracies, seconds = [], [], []
    for seed in SEEDS:
        place = folder / f"fast-{seed}"
        finished = run(mnist("train", "--config", "fast", "--set", f"seed={seed}", "--run-dir", str(place)))
        accuracies.append(json.loads((place / "metrics.json").read_text())["accuracy"])
        seconds.append(finished.seconds)
        rows.append((str(seed), f"{accuracies[-1]:.2%}", f"{seconds[-1]:.1f}"))
    yield "## To 99 %\n"
    yield (
        "`mnist train --config fast --set seed=...`: the whole process, import of TensorFlow, export and judging "
        "included; accuracy on the 10,000 test images.\n"
    )
    yield table(
        ("seed", "accuracy", "seconds"), [*rows, ("mean, median", f"{mean(accuracies):.2%}", spread(seconds, 1))]
    )
