"""How many images a second each runtime answers for, once it is warm."""

from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.processes import in_turn, module
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
    rates = {
        name: [IMAGES / median(each.told["seconds"]) for each in runs]
        for name, runs in in_turn(commands, ROUNDS).items()
    }
    stock = next(iter(rates.values()))
    rows = [(name, spread(rate, 0), ratio(rate, stock)) for name, rate in rates.items()]
    yield "## Prediction\n"
    yield f"{IMAGES:,} images through the two-layer CNN, warm, {ROUNDS} processes each.\n"
    yield table(("", "images a second", "of Keras"), rows)
