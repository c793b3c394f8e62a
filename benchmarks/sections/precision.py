"""The speed that bfloat16 gains, and whether it costs accuracy."""

from collections.abc import Iterator
from pathlib import Path
from statistics import mean, stdev

from benchmarks.sections.epochs import CNN
from benchmarks.sections.models import Trained, trained
from benchmarks.tables import spread, table

SEEDS = range(5)
PRECISIONS = ("float32", "mixed_bfloat16")
EPOCHS = 4


def section(folder: Path) -> Iterator[str]:
    """The accuracy and the training seconds of a two-layer CNN in both precisions, for five seeds."""
    runs = {precision: [_trained(folder, precision, seed) for seed in SEEDS] for precision in PRECISIONS}
    rows = []
    for precision, made in runs.items():
        accuracies = [each.accuracy for each in made]
        seconds = [each.training_seconds for each in made]
        rows.append((f"`{precision}`", f"{mean(accuracies):.2%}", f"{stdev(accuracies):.2%}", spread(seconds, 1)))
    yield "## Precision\n"
    yield (
        f"The two-layer CNN after {EPOCHS} epochs, seeds {SEEDS[0]} - {SEEDS[-1]}: accuracy on the 10,000 test images, "
        "and the seconds of training.\n"
    )
    yield table(("", "mean accuracy", "standard deviation", "seconds"), rows)


def _trained(folder: Path, precision: str, seed: int) -> Trained:
    overrides = (f"training.precision={precision}", f"seed={seed}", f"training.epochs={EPOCHS}")
    return trained(folder / f"{precision}-{seed}", CNN, *overrides)
