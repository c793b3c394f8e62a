"""Comparisons of what a run holds with what it should hold: a `Check` each."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnist_pipeline.run.folder import Run

# Metrics are sums of float32 products, whose order depends on the number of threads.
ROUNDING = 1e-5
# Names, which are not compared. The first versions numbered classes that have names.
NAMES = {"run", "dataset", "class", "digit"}
DIGITS, MAX_DIGITS = 5, 18  # significant ones: enough to read, and more than a float has
NOT_FINITE = "not finite, so nothing can be compared"

History = list[dict[str, str]]


@dataclass(frozen=True)
class Check:
    """One comparison: what was compared, whether it agrees, and how."""

    what: str
    agrees: bool
    detail: str


def compare_data(before: Run, now: Run) -> Check:
    """Whether both runs were trained on the same data."""
    same = before.data_sha256 == now.data_sha256
    return Check("data", same, "identical" if same else "other data, or changed")


def compare_weights(before: Run, now: Run) -> Check:
    """Whether the weights are equal, bit for bit; else the largest difference."""
    from mnist_pipeline.models import keras_model  # and with it TensorFlow

    first, second = (keras_model.load(run.model).get_weights() for run in (before, now))
    if not all(np.isfinite(each).all() for each in (*first, *second)):
        return Check("weights", False, NOT_FINITE)
    largest = max((float(abs(a - b).max()) for a, b in zip(first, second, strict=True) if a.size), default=0.0)
    same = all((a == b).all() for a, b in zip(first, second, strict=True))
    return Check("weights", same, "identical" if same else f"differ by up to {largest:.3g}")


def compare_history(before: Run, now: Run) -> Check:
    """Whether the histories are equal; else the first epoch that differs."""
    first, second = before.history, now.history
    if any(value in ("nan", "inf", "-inf") for row in first + second for value in row.values()):
        return Check("history", False, NOT_FINITE)
    counts = [f"{len(first)} epochs, now {len(second)}"] if len(first) != len(second) else []
    told = "; ".join([*counts, *_first_change(first, second)])
    return Check("history", not told, told or "identical")


def _first_change(before: History, now: History) -> list[str]:
    """The first epoch in which two histories differ, and in what; empty if there is none."""
    old, new = next((rows for rows in zip(before, now, strict=False) if rows[0] != rows[1]), ({}, {}))
    values = {name: (old.get(name, "none"), new.get(name, "none")) for name in old | new}
    changes = [f"{name} {_change(was, value)}" for name, (was, value) in values.items() if was != value]
    return [f"from epoch {old.get('epoch')} on: {'; '.join(changes)}"] if changes else []


def compare_metrics(before: dict[str, Any], now: dict[str, Any]) -> Check:
    """Whether metrics agree up to `ROUNDING`; else the one that differs most."""
    accuracy = f"accuracy {before['accuracy']:.4f}"
    if before["loss"] is None or now["loss"] is None:
        return Check("figures", False, f"{accuracy}; the loss is {NOT_FINITE}")
    largest, told = max(_differences(before, now), default=(0.0, ""))
    if largest == 0:
        return Check("figures", True, f"{accuracy}, identical")
    return Check("figures", largest <= ROUNDING, f"{accuracy}, now {now['accuracy']:.4f}; {told}")


def _differences(before: Any, now: Any, place: str = "") -> Iterator[tuple[float, str]]:
    """How far apart numbers in the same place are, and which: `confusion_matrix[3][5]: 12, now 31`.

    Infinitely far where the places differ, or a number is not finite: nan equals nothing.
    """
    if isinstance(before, dict) and isinstance(now, dict) and before.keys() - NAMES == now.keys() - NAMES:
        for key in before.keys() - NAMES:
            yield from _differences(before[key], now[key], f"{place}.{key}" if place else key)
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for index, pair in enumerate(zip(before, now, strict=True)):
            yield from _differences(*pair, f"{place}[{index}]")
    elif isinstance(before, int | float) and isinstance(now, int | float):
        far = abs(before - now) if math.isfinite(before) and math.isfinite(now) else math.inf
        yield far, f"{place}: {_change(before, now)}"
    elif isinstance(before, dict | list) or isinstance(now, dict | list):
        yield math.inf, f"{place or 'metrics'}: other numbers of values"
    else:
        yield (0.0 if before == now else math.inf), f"{place}: {before}, now {now}"


def _change(before: Any, now: Any) -> str:
    """`0.5, now 0.51`: with 5 digits, or as many as tell the two apart."""
    pairs = ((_rounded(before, digits), _rounded(now, digits)) for digits in range(DIGITS, MAX_DIGITS))
    was, value = next((pair for pair in pairs if pair[0] != pair[1]), (before, now))
    return f"{was}, now {value}"


def _rounded(number: Any, digits: int) -> str:
    try:
        return str(number) if isinstance(number, int) else f"{float(number):.{digits}g}"
    except ValueError:  # "none"
        return str(number)
