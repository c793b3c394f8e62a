"""The images a second that each runtime predicts, once it is warm."""

from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.predictions.timing import BATCHES
from benchmarks.processes import Finished, in_turn, module
from benchmarks.sections.models import trained_cnn
from benchmarks.tables import ratio, spread, table

ROUNDS = 3
IMAGES = 10_000


def section(folder: Path) -> Iterator[str]:
    """A row for each runtime."""
    model = str(trained_cnn(folder))
    commands = {
        "Keras `predict`": module("predictions.stock", model),
        "ONNX Runtime": module("predictions.onnx", model),
        "**this pipeline** (LiteRT)": module("predictions.litert", model),
    }
    best = {name: _best(runs) for name, runs in in_turn(commands, ROUNDS).items()}
    _, stock = next(iter(best.values()))
    rows = [(name, batch, spread(rates, 0), ratio(rates, stock)) for name, (batch, rates) in best.items()]
    yield "## Prediction\n"
    yield (
        f"{IMAGES:,} images through the two-layer CNN, warm, {ROUNDS} processes each: Keras and ONNX "
        f"Runtime in batches of {', '.join(map(str, BATCHES))}, whichever is fastest, this pipeline in its own.\n"
    )
    yield table(("", "batch", "images a second", "of Keras"), rows)


def _best(runs: list[Finished]) -> tuple[str, list[float]]:
    """The batch size that was fastest, and the images a second of each process with it."""
    rates = {
        batch: [IMAGES / median(each.result["seconds"][batch]) for each in runs] for batch in runs[0].result["seconds"]
    }
    return max(rates.items(), key=lambda each: median(each[1]))
