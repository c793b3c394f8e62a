"""An epoch of two networks, validation included, by several means."""

from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.processes import Finished, in_turn, module, run
from benchmarks.tables import ratio, spread, table

ROUNDS = 3
CNN = str(Path(__file__).parent.parent / "two_layer_cnn.yaml")
TRAINED, VALIDATED = 48_000, 12_000
# Multiplications and additions for one image, forward.
BASELINE_OPERATIONS = 2 * (784 * 128 + 128 * 128 + 128 * 10)
CNN_OPERATIONS = 2 * (26 * 26 * 9 * 32 + 11 * 11 * 9 * 32 * 64 + 1600 * 10)

BASELINE_CONTESTANTS = {
    "stock Keras `fit`": module("epochs.stock", "baseline"),
    "PyTorch, eager": module("epochs.pytorch", "baseline"),
    "bare XLA loop, no validation, no metrics": module("epochs.xla"),
    "**this pipeline**": module("epochs.fast", "baseline"),
}
CNN_CONTESTANTS = {
    "stock Keras `fit`": module("epochs.stock", "two_layer_cnn"),
    "PyTorch, eager": module("epochs.pytorch", "two_layer_cnn"),
    "PyTorch, channels last": module("epochs.pytorch", "two_layer_cnn", "channels_last"),
    "PyTorch, bfloat16": module("epochs.pytorch", "two_layer_cnn", "bfloat16"),
    "PyTorch, channels last and bfloat16": module("epochs.pytorch", "two_layer_cnn", "channels_last", "bfloat16"),
    "this pipeline, float32": module("epochs.fast", CNN, "training.precision=float32"),
    "**this pipeline**": module("epochs.fast", CNN),
}


def section(_: Path) -> Iterator[str]:
    """Two tables: seconds an epoch, as a multiple of stock Keras', and of the arithmetic."""
    rates = run(module("epochs.arithmetic")).told
    yield "## An epoch\n"
    yield (
        f"{TRAINED:,} images to learn from, {VALIDATED:,} to validate on, batches of 128, Adam. Seconds from the "
        f"second epoch on, {ROUNDS} processes each; `first` is the first epoch, tracing and compiling included.\n"
    )
    rate = {precision: f"{value / 1e9:.0f} GFLOP/s" for precision, value in rates.items()}
    yield f"Products of 2048 x 2048 matrices: {rate['float32']} in float32, {rate['bfloat16']} in bfloat16.\n"
    yield "### 784-128-128-10\n"
    yield _table(in_turn(BASELINE_CONTESTANTS, ROUNDS), _floor(BASELINE_OPERATIONS, rates["float32"]))
    yield "### Convolutions of 32 and 64 channels (the MNIST example of Keras)\n"
    yield _table(in_turn(CNN_CONTESTANTS, ROUNDS), _floor(CNN_OPERATIONS, rates["bfloat16"]))


def later_epoch(finished: Finished) -> float:
    """The seconds of an epoch, the first left out."""
    return median(finished.told["seconds"][1:])


def _floor(operations: int, rate: float) -> float:
    """Seconds of the matrix products alone: forward and twice as much backward, then forward for validation."""
    return operations * (3 * TRAINED + VALIDATED) / rate


def _table(finished: dict[str, list[Finished]], floor: float) -> str:
    later = {name: [later_epoch(each) for each in runs] for name, runs in finished.items()}
    first = {name: [each.told["seconds"][0] for each in runs] for name, runs in finished.items()}
    stock = next(iter(later.values()))
    rows = [
        (name, spread(seconds), ratio(seconds, stock), f"{median(first[name]):.1f}") for name, seconds in later.items()
    ]
    rows.append(("arithmetic alone", f"{floor:.2f}", ratio([floor], stock), ""))
    return table(("", "seconds", "of stock", "first"), rows)
