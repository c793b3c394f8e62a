"""An epoch of two networks, validation included, by several means."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from benchmarks.processes import Finished, in_turn, module
from benchmarks.tables import ratio, spread, table

ROUNDS = 3
CNN = str(Path(__file__).parent.parent / "two_layer_cnn.yaml")
TRAINED, VALIDATED = 48_000, 12_000
# Multiplications for one image, forward, layer by layer.
BASELINE_PRODUCTS = (784 * 128, 128 * 128, 128 * 10)
CNN_PRODUCTS = (26 * 26 * 9 * 32, 11 * 11 * 9 * 32 * 64, 1600 * 10)
ARITHMETIC = {"arithmetic alone": module("arithmetic")}

BASELINE_CONTESTANTS = {
    "stock Keras `fit`": module("epochs.stock", "baseline"),
    "Keras `fit`, an epoch an execution, XLA": module("epochs.stock", "baseline", "compiled"),
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
    yield "## An epoch\n"
    yield (
        f"{TRAINED:,} images to train on, {VALIDATED:,} to validate on, batches of 128, Adam; validation in batches "
        "of 128 in stock Keras, as its `fit` has it, of 1,000 in the others. Seconds from the second epoch on, "
        f"{ROUNDS} processes each; `first` is the first epoch, tracing and compiling included; "
        "`validation` is the part of the seconds that validates, where it is measured. This pipeline with all "
        "that `mnist train` does between the steps: its progress, its checkpoints, its check of the loss.\n"
    )
    yield "### 784-128-128-10\n"
    yield from _tables(BASELINE_CONTESTANTS, BASELINE_PRODUCTS, "float32")
    yield "### Convolutions of 32 and 64 channels (the MNIST example of Keras)\n"
    yield from _tables(CNN_CONTESTANTS, CNN_PRODUCTS, "bfloat16")


def later_epoch(finished: Finished) -> float:
    """The seconds of an epoch, the first left out."""
    return median(finished.result["seconds"][1:])


def _tables(contestants: dict[str, list[str]], products: Sequence[int], precision: str) -> Iterator[str]:
    finished = in_turn(contestants | ARITHMETIC, ROUNDS)
    rates = [each.result[precision] for name in ARITHMETIC for each in finished.pop(name)]
    later = {name: [later_epoch(each) for each in runs] for name, runs in finished.items()}
    validation = {name: _validation(runs) for name, runs in finished.items()}
    first = {name: [each.result["seconds"][0] for each in runs] for name, runs in finished.items()}
    stock = next(iter(later.values()))
    rows = [
        (name, spread(seconds), validation[name], ratio(seconds, stock), f"{median(first[name]):.1f}")
        for name, seconds in later.items()
    ]
    floor = [_operations(products) / rate for rate in rates]
    rows += [(name, spread(floor), "", ratio(floor, stock), "") for name in ARITHMETIC]
    yield table(("", "seconds", "validation", "of stock", "first"), rows)
    yield (
        f"Arithmetic: the matrix products of the epoch, at the {median(rates) / 1e9:.0f} GFLOP/s that products of "
        f"2048 x 2048 matrices reach in {precision}.\n"
    )


def _validation(runs: list[Finished]) -> str:
    seconds_of_runs = [each.result["validation"] for each in runs if "validation" in each.result]
    return f"{median(median(seconds[1:]) for seconds in seconds_of_runs):.2f}" if seconds_of_runs else ""


def _operations(products: Sequence[int]) -> int:
    """Multiplications and additions of an epoch.

    Forward for all images; backward twice as many, for the training images. In the first layer only
    once as many, as the gradient of the pixels is not computed.
    """
    return 2 * (sum(products) * (3 * TRAINED + VALIDATED) - products[0] * TRAINED)
