"""Whether a run holds what it says, and comes out again."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mnist_pipeline import environment, experiment
from mnist_pipeline.data.dataset import Dataset
from mnist_pipeline.errors import DataError, RunError
from mnist_pipeline.inference.evaluate import assess
from mnist_pipeline.inference.run_data import access_of, load_run_dataset
from mnist_pipeline.run import Run

# Figures are sums of float32 products, whose order depends on the number of threads.
ROUNDING = 1e-5
# What figures are of. The first versions numbered classes that have names.
NAMES = {"run", "dataset", "class", "digit"}
DIGITS, MOST_DIGITS = 5, 18  # significant ones: enough to read, and more than a float has
NOT_FINITE = "not finite, so nothing can be compared"

History = list[dict[str, str]]


@dataclass(frozen=True)
class Check:
    """Whether something agrees with what the run says of it."""

    what: str
    agrees: bool
    detail: str


def verify(run: Run, source: str | None = None) -> list[Check]:
    """Whether the files are those that were written, the data those it was trained on, and the figures come out again.

    `source` takes the place of the data that its config names, if given.

    Raises RunError if the run is not finished, DataError if its data cannot be had.
    """
    _finished(run)
    altered = run.altered()
    names = {**run.hashes, **altered}
    checks = [Check(name, name not in altered, altered.get(name, "as written")) for name in names]
    try:
        dataset = load_run_dataset(run, source)
    except DataError as error:
        return [*checks, Check("data", False, f"not checked, nor the metrics: {error}")]
    same = dataset.source.sha256 == run.data_sha256
    checks.append(Check("data", same, f"SHA-256 {dataset.source.sha256[:12]}..." if same else "other data, or changed"))
    written = None if altered else run.metrics
    if written and same:
        checks.append(_figures_again(run, written, dataset))
    return checks


def reproduce(run: Run, folder: Path | None = None, source: str | None = None) -> tuple[Run, list[Check]]:
    """A new run, trained from the config of `run`, and whether it came to the same.

    `source` takes the place of the data that its config names, if given.

    Raises RunError if the run is not finished, and what training raises.
    """
    _finished(run)
    altered = ", ".join(f"{name}: {how}" for name, how in run.altered().items())
    if altered:
        raise RunError(f"{run.name} is not as training left it, so nothing can be held against it: {altered}")
    experiment.use_threads_of(run)
    loaded = run.config()
    if source:
        loaded = loaded.with_data(source)
    with experiment.start(loaded, folder, access_of(run, source), made_by="reproduce", parent=run.name) as work:
        experiment.carry_out(work)
    again = work.run
    checks = [_data(run, again), _weights(run, again), _history(run, again)]
    if run.metrics and again.metrics:
        checks.append(_figures(run.metrics, again.metrics))
    return again, checks


def moved(before: Run, now: Run) -> list[str]:
    """What differs between where two runs were trained."""
    parts = ("versions", "hardware", "device", "gpus", "threads", "precision")
    return environment.changes_since(before.record, {part: now.record.get(part) for part in parts})


def _finished(run: Run) -> None:
    status = run.status
    if status == "training":
        raise RunError(f"{run.name} is still training. Wait until it is finished")
    if status != "finished":
        raise RunError(f"{run.name} is not finished, so there is nothing to hold it to. Finish it: "
                       f"mnist train --resume {run.name}")  # fmt: skip


def _figures_again(run: Run, written: dict[str, Any], dataset: Dataset) -> Check:
    try:
        return _figures(written, assess(run, dataset, "test"))
    except RunError as error:
        return Check("figures", False, str(error))


def _data(before: Run, now: Run) -> Check:
    same = before.data_sha256 == now.data_sha256
    return Check("data", same, "identical" if same else "other data, or changed")


def _weights(before: Run, now: Run) -> Check:
    from mnist_pipeline.inference import keras_model  # and with it TensorFlow

    first, second = (keras_model.load(run.model).get_weights() for run in (before, now))
    if not all(np.isfinite(each).all() for each in (*first, *second)):
        return Check("weights", False, NOT_FINITE)
    largest = max((float(abs(a - b).max()) for a, b in zip(first, second, strict=True) if a.size), default=0.0)
    same = all((a == b).all() for a, b in zip(first, second, strict=True))
    return Check("weights", same, "identical" if same else f"differ by up to {largest:.3g}")


def _history(before: Run, now: Run) -> Check:
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


def _figures(before: dict[str, Any], now: dict[str, Any]) -> Check:
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
    pairs = ((_rounded(before, digits), _rounded(now, digits)) for digits in range(DIGITS, MOST_DIGITS))
    was, value = next((pair for pair in pairs if pair[0] != pair[1]), (before, now))
    return f"{was}, now {value}"


def _rounded(number: Any, digits: int) -> str:
    try:
        return str(number) if isinstance(number, int) else f"{float(number):.{digits}g}"
    except ValueError:  # "none"
        return str(number)
