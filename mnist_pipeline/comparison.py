"""Comparisons of data, weights, histories and metrics: two runs, or then and now."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnist_pipeline.run.folder import Run

# Metrics are sums of float32 products, whose order depends on the number of threads.
ROUNDING = 1e-5
# Keys that hold names, which are not compared. Runs made before 0.1.0 numbered classes that have names.
NAME_KEYS = {"run", "dataset", "class", "digit"}
SIGNIFICANT_DIGITS, MAX_SIGNIFICANT_DIGITS = 5, 18  # enough to read; more than a float has
NOT_FINITE = "not finite, so nothing can be compared"

Metrics = dict[str, Any]
History = list[dict[str, str]]


@dataclass(frozen=True)
class Comparison:
    """What was compared, whether it agrees, and how it differs."""

    what: str
    agrees: bool | None  # None: not checked
    detail: str


def compare_data(before: Run, now: Run) -> Comparison:
    """Whether both runs were trained on the same data."""
    same = before.data_sha256 == now.data_sha256
    return Comparison("data", same, "identical" if same else "other data, or changed")


def compare_weights(before: Run, now: Run) -> Comparison:
    """Whether the weights are equal, bit for bit; otherwise the largest difference."""
    from mnist_pipeline.models import keras_model  # and with it TensorFlow

    first, second = (keras_model.load(run.model).get_weights() for run in (before, now))
    if not all(np.isfinite(array).all() for array in (*first, *second)):
        return Comparison("weights", False, NOT_FINITE)
    largest = max((float(abs(a - b).max()) for a, b in zip(first, second, strict=True) if a.size), default=0.0)
    same = all((a == b).all() for a, b in zip(first, second, strict=True))
    return Comparison("weights", same, "identical" if same else f"differ by up to {largest:.3g}")


def compare_history(before: Run, now: Run) -> Comparison:
    """Whether the histories are equal; otherwise the first epoch that differs."""
    first, second = before.history, now.history
    if any(value in ("nan", "inf", "-inf") for row in first + second for value in row.values()):
        return Comparison("history", False, NOT_FINITE)
    counts = [f"{len(first)} epochs, now {len(second)}"] if len(first) != len(second) else []
    detail = "; ".join([*counts, *_first_change(first, second)])
    return Comparison("history", not detail, detail or "identical")


def compare_metrics(before: Metrics, now: Metrics) -> Comparison:
    """Whether metrics agree up to `ROUNDING`; otherwise the one that differs most.

    Metrics on the validation set are compared if both have them: runs made before 0.1.0 recorded the test set only.
    """
    before, now = _same_sets(before, now)
    sets = [*_sets(before), *_sets(now)]
    accuracy = f"accuracy {_accuracy(before):.4f}"
    if any(metrics.get("loss", math.nan) is None for metrics in sets):
        return Comparison("metrics", False, f"{accuracy}; the loss is {NOT_FINITE}")
    largest, difference = max(_differences(before, now), default=(0.0, ""))
    if largest == 0:
        return Comparison("metrics", True, f"{accuracy}, identical")
    return Comparison("metrics", largest <= ROUNDING, f"{accuracy}, now {_accuracy(now):.4f}; {difference}")


def _same_sets(before: Metrics, now: Metrics) -> tuple[Metrics, Metrics]:
    if "validation" in before and "validation" in now:
        return before, now
    first, second = ({key: value for key, value in each.items() if key != "validation"} for each in (before, now))
    return (first, second) if first and second else (before, now)


def _sets(metrics: Metrics) -> list[Metrics]:
    """Those of the metrics on the test set and on the validation set that exist."""
    return [each for each in (metrics, metrics.get("validation", {})) if "accuracy" in each]


def _accuracy(metrics: Metrics) -> float:
    """The accuracy on the test set, else on the validation set; nan where a damaged file has neither."""
    return next((float(each["accuracy"]) for each in _sets(metrics)), math.nan)


def _first_change(before: History, now: History) -> list[str]:
    """The first epoch in which two histories differ, and how; empty if they are equal."""
    old, new = next((rows for rows in zip(before, now, strict=False) if rows[0] != rows[1]), ({}, {}))
    values = {name: (old.get(name, "none"), new.get(name, "none")) for name in old | new}
    changes = [f"{name} {_change(*pair)}" for name, pair in values.items() if pair[0] != pair[1]]
    return [f"from epoch {old.get('epoch')} on: {'; '.join(changes)}"] if changes else []


def _differences(before: Any, now: Any, place: str = "") -> Iterator[tuple[float, str]]:
    """Differences of numbers of the same key path: (3, "row[3].count: 12, now 15").

    Infinite where the keys differ or a number is not finite, as nan equals nothing.
    """
    if isinstance(before, dict) and isinstance(now, dict) and before.keys() - NAME_KEYS == now.keys() - NAME_KEYS:
        for key in before.keys() - NAME_KEYS:
            yield from _differences(before[key], now[key], f"{place}.{key}" if place else key)
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for index, pair in enumerate(zip(before, now, strict=True)):
            yield from _differences(*pair, f"{place}[{index}]")
    elif isinstance(before, int | float) and isinstance(now, int | float):
        distance = abs(before - now) if math.isfinite(before) and math.isfinite(now) else math.inf
        yield distance, f"{place}: {_change(before, now)}"
    elif isinstance(before, dict | list) or isinstance(now, dict | list):
        yield math.inf, f"{place or 'metrics'}: other numbers of values"
    else:
        yield (0.0 if before == now else math.inf), f"{place}: {before}, now {now}"


def _change(before: Any, now: Any) -> str:
    """`0.5, now 0.51`: with 5 digits, or as many as tell the two apart."""
    pairs = (
        (_rounded(before, digits), _rounded(now, digits))
        for digits in range(SIGNIFICANT_DIGITS, MAX_SIGNIFICANT_DIGITS)
    )
    old, new = next((pair for pair in pairs if pair[0] != pair[1]), (before, now))
    return f"{old}, now {new}"


def _rounded(number: Any, digits: int) -> str:
    try:
        return str(number) if isinstance(number, int) else f"{float(number):.{digits}g}"
    except ValueError:  # "none"
        return str(number)
