"""Where the time of an epoch goes."""

import re
from collections.abc import Iterator
from pathlib import Path

from benchmarks.processes import module, run
from benchmarks.sections.epochs import CNN, later_epoch
from benchmarks.tables import table

IMAGES = 10_000
NETWORKS = {"two-layer CNN": CNN, "`fast`": "fast", "`accurate`": "accurate"}
FORWARD, KERNELS, INPUTS = "convolutions, forward", "gradients of their kernels", "gradients of their inputs"
OTHERS = "all else"
KINDS = {  # the first whose pattern occurs in `place in the model:kind`
    FORWARD: ":.*Conv2D(?!Backprop)",
    KERNELS: ":.*Conv2DBackpropFilter",
    INPUTS: ":.*Conv2DBackpropInput",
    "matrix products": ":.*MatMul",
    "pooling": ":.*Pool",
    "batch normalization": ":.*BatchNorm",
    "dropout": "dropout",
    "distortions": "/random_",
    "optimizer": "/adam",
}


def section(_: Path) -> Iterator[str]:
    """Two tables: seconds by kind of operation, and the rate of the convolutions."""
    overrides = ("data.validation_split=0", f"data.train_samples={IMAGES}")
    finished = {name: run(module("operations", config, *overrides)) for name, config in NETWORKS.items()}
    results = {name: each.result for name, each in finished.items()}
    arithmetic = run(module("arithmetic")).result
    spent = {name: _by_kind(each["operations"]) for name, each in results.items()}
    yield "## Operations\n"
    yield (
        f"Where the time of an epoch of {IMAGES:,} images goes, without validation; operations one after another, each "
        "on all processors: seconds, and their share.\n"
    )
    rows = [(kind, *(_share(each, kind) for each in spent.values())) for kind in [*KINDS, OTHERS]]
    rows.append(("together", *(f"{sum(each.values()):.2f}" for each in spent.values())))
    rows.append(("the epoch, when it is not traced", *(f"{later_epoch(each):.2f}" for each in finished.values())))
    yield table(("", *results), rows)
    rates = {name: _rates(each["products"], spent[name]) for name, each in results.items()}
    yield (
        "The convolutions among them in GFLOP/s; products of 2048 x 2048 matrices reach "
        f"{arithmetic['float32'] / 1e9:.0f} in float32 and {arithmetic['bfloat16'] / 1e9:.0f} in bfloat16.\n"
    )
    rows = [(kind, *(f"{each[kind]:.0f}" for each in rates.values())) for kind in (FORWARD, KERNELS, INPUTS)]
    yield table(("", *results), rows)


def _by_kind(operations: dict[str, float]) -> dict[str, float]:
    spent = dict.fromkeys([*KINDS, OTHERS], 0.0)
    for name, seconds in operations.items():
        spent[next((kind for kind, pattern in KINDS.items() if re.search(pattern, name)), OTHERS)] += seconds
    return spent


def _share(spent: dict[str, float], kind: str) -> str:
    return f"{spent[kind]:.2f} ({spent[kind] / sum(spent.values()):.0%})" if spent[kind] else ""


def _rates(products: list[int], spent: dict[str, float]) -> dict[str, float]:
    """GFLOP/s by kind; the gradient of the pixels, the inputs of the first convolution, is not computed."""
    done = {FORWARD: sum(products), KERNELS: sum(products), INPUTS: sum(products[1:])}
    return {kind: 2e-9 * multiplications * IMAGES / spent[kind] for kind, multiplications in done.items()}
