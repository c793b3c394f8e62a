"""The learning rate in history and progress is that of the last step."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnist_pipeline.framework import keras
from mnist_pipeline.training.schedules import learning_rate, with_steps
from tests.configs import tiny
from tests.trainings import NO_XLA, history, trained

STEPS = 5  # of an epoch: 160 images in batches of 32
COSINE = {"CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": "3 epochs"}}
NEVER_BETTER = {"monitor": "loss", "min_delta": 100, "factor": 0.5}


def rates(folder: Path, *overrides: str, **sections: Any) -> list[float]:
    """The learning rates in the history of three epochs."""
    loaded = tiny(folder, NO_XLA, "training.epochs=3", *overrides, **sections)
    return [float(row["learning_rate"]) for row in history(trained(loaded, folder / "run"))]


@pytest.mark.parametrize(("engine", "arguments"), [
    ("fast", {}), ("keras", {}), ("fast", {"gradient_accumulation_steps": 2}), ("keras", {"use_ema": True}),
], ids=str)  # fmt: skip
def test_of_a_schedule_it_is_the_rate_of_the_last_step_of_the_epoch(
    tmp_path: Path, engine: str, arguments: dict[str, Any]
) -> None:
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 3 * STEPS)
    expected = [float(schedule(epoch * STEPS - 1)) for epoch in (1, 2, 3)]
    optimizer = {"SGD": {"learning_rate": COSINE} | arguments}
    assert rates(tmp_path, f"training.engine={engine}", optimizer=optimizer) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(("engine", "plateaus"), [("fast", 1), ("keras", 1), ("fast", 2)])
def test_of_a_plateau_it_is_the_rate_before_the_reduction(tmp_path: Path, engine: str, plateaus: int) -> None:
    callbacks = plateaus * [{"ReduceLROnPlateau": NEVER_BETTER | {"patience": 1}}]
    rows = rates(tmp_path, f"training.engine={engine}", optimizer={"SGD": 0.1}, callbacks=callbacks)
    assert rows == pytest.approx([0.1, 0.1, 0.1 * 0.5**plateaus])


def test_within_an_epoch_it_is_that_of_the_last_step_too() -> None:
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer=keras.optimizers.SGD(schedule))
    seen = [learning_rate(model)]
    for _ in range(3):
        model.train_on_batch(np.zeros((1, 3)), np.zeros((1, 1)))
        seen.append(learning_rate(model))
    assert seen == pytest.approx([0.1, 0.1, 0.05, 0.025])


def test_lengths_in_epochs_become_steps_and_those_in_steps_stay(tmp_path: Path) -> None:
    def converted(schedule: dict[str, Any]) -> dict[str, Any]:
        config = tiny(tmp_path, optimizer={"SGD": {"learning_rate": schedule}}).config
        arguments: dict[str, Any] = with_steps(config.optimizer, 7).config["learning_rate"].config
        return arguments

    lengths = {"boundaries": ["0.01 epochs", "1 epochs"], "values": [0.1, 0.2, 0.3]}
    assert converted({"PiecewiseConstantDecay": lengths})["boundaries"] == [1, 7]
    assert converted({"CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": "2 epochs"}})["decay_steps"] == 14
    assert converted({"CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": 9}})["decay_steps"] == 9
