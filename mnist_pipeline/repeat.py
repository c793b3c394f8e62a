"""Whether a run holds what it says, and comes out again."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mnist_pipeline import environment, experiment
from mnist_pipeline.data.dataset import load_dataset
from mnist_pipeline.errors import RunError
from mnist_pipeline.inference.evaluate import assess
from mnist_pipeline.run import Run

# Figures are sums of float32 products, whose order depends on the number of threads.
ROUNDING = 1e-5

History = list[dict[str, str]]


@dataclass(frozen=True)
class Check:
    """Whether something agrees with what the run says of it."""

    what: str
    agrees: bool
    detail: str


def verify(run: Run) -> list[Check]:
    """Whether the files are those that were written, the data those it was trained on, and the figures come out again.

    Raises RunError if the run is not finished, DataError if its data cannot be had.
    """
    _finished(run)
    altered = run.altered()
    checks = [Check(name, name not in altered, altered.get(name, "as written")) for name in run.hashes]
    dataset = load_dataset(run.config().config.data)
    same = dataset.source.sha256 == run.data_sha256
    checks.append(Check("data", same, f"SHA-256 {dataset.source.sha256[:12]}..." if same else "other data, or changed"))
    written = run.metrics
    if written and same and not altered:
        checks.append(_figures(written, assess(run, dataset, "test")))
    return checks


def reproduce(run: Run, folder: Path | None = None) -> tuple[Run, list[Check]]:
    """A new run, trained from the config of `run`, and whether it came to the same.

    Raises RunError if the run is not finished, and what training raises.
    """
    _finished(run)
    with experiment.start(run.config(), folder, made_by="reproduce", parent=run.name) as work:
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


def _data(before: Run, now: Run) -> Check:
    same = before.data_sha256 == now.data_sha256
    return Check("data", same, "identical" if same else "other data, or changed")


def _weights(before: Run, now: Run) -> Check:
    from mnist_pipeline.inference import keras_model  # and with it TensorFlow

    first, second = (keras_model.load(run.model).get_weights() for run in (before, now))
    largest = max((float(abs(a - b).max()) for a, b in zip(first, second, strict=True) if a.size), default=0.0)
    same = all((a == b).all() for a, b in zip(first, second, strict=True))
    return Check("weights", same, "identical" if same else f"differ by up to {largest:.3g}")


def _history(before: Run, now: Run) -> Check:
    first, second = before.history, now.history
    counts = [f"{len(first)} epochs, now {len(second)}"] if len(first) != len(second) else []
    told = "; ".join([*counts, *_first_change(first, second)])
    return Check("history", not told, told or "identical")


def _first_change(before: History, now: History) -> list[str]:
    """The first epoch in which two histories differ, and in what; empty if there is none."""
    old, new = next((rows for rows in zip(before, now, strict=False) if rows[0] != rows[1]), ({}, {}))
    values = {name: (old.get(name, "none"), new.get(name, "none")) for name in old | new}
    changes = [f"{name} {was}, now {value}" for name, (was, value) in values.items() if was != value]
    return [f"from epoch {old.get('epoch')} on: {'; '.join(changes)}"] if changes else []


def _figures(before: dict[str, Any], now: dict[str, Any]) -> Check:
    largest = _difference(
        *({name: each[name] for name in each if name not in ("run", "dataset")} for each in (before, now))
    )
    accuracy = f"accuracy {before['accuracy']:.4f}"
    if largest == 0:
        return Check("figures", True, f"{accuracy}, identical")
    again = f"{accuracy}, now {now['accuracy']:.4f}; a figure differs by {largest:.3g}"
    return Check("figures", largest <= ROUNDING, again)


def _difference(before: Any, now: Any) -> float:
    """The largest difference between numbers in the same place; infinite where the places differ."""
    if isinstance(before, dict) and isinstance(now, dict) and before.keys() == now.keys():
        return max((_difference(before[key], now[key]) for key in before), default=0.0)
    if isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        return max(map(_difference, before, now), default=0.0)
    if isinstance(before, int | float) and isinstance(now, int | float):
        return abs(before - now)
    return 0.0 if before == now else math.inf
