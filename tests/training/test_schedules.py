"""The learning rate that history and progress tell: that of the last step taken."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnist_pipeline.framework import keras
from mnist_pipeline.training.schedules import learning_rate
from tests.configs import tiny
from tests.trainings import history, trained

STEPS = 5  # of an epoch: 160 images in batches of 32
COSINE = {"CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": "3 epochs"}}
NEVER_BETTER = {"monitor": "loss", "min_delta": 100, "factor": 0.5}


def rates(folder: Path, *overrides: str, **sections: Any) -> list[float]:
    loaded = tiny(folder, "training.epochs=3", *overrides, **sections)
    return [float(row["learning_rate"]) for row in history(trained(loaded, folder / "run"))]


@pytest.mark.parametrize("arguments", [{}, {"gradient_accumulation_steps": 2}, {"use_ema": True}], ids=str)
@pytest.mark.parametrize("engine", ["fast", "keras"])
def test_of_a_schedule_it_is_the_rate_of_the_last_step_of_the_epoch(
    tmp_path: Path, engine: str, arguments: dict[str, Any]
) -> None:
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 3 * STEPS)
    expected = [float(schedule(epoch * STEPS - 1)) for epoch in (1, 2, 3)]
    optimizer = {"SGD": {"learning_rate": COSINE} | arguments}
    assert rates(tmp_path, f"training.engine={engine}", optimizer=optimizer) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("engine", ["fast", "keras"])
def test_of_a_plateau_it_is_the_rate_before_the_reduction(tmp_path: Path, engine: str) -> None:
    plateau = [{"ReduceLROnPlateau": NEVER_BETTER | {"patience": 1}}]
    found = rates(tmp_path, f"training.engine={engine}", optimizer={"SGD": 0.1}, callbacks=plateau)
    assert found == pytest.approx([0.1, 0.1, 0.05])


def test_two_plateaus_do_not_tell_each_others_reduction(tmp_path: Path) -> None:
    twice = 2 * [{"ReduceLROnPlateau": NEVER_BETTER | {"patience": 1}}]
    assert rates(tmp_path, optimizer={"SGD": 0.1}, callbacks=twice) == pytest.approx([0.1, 0.1, 0.025])


def test_while_an_epoch_runs_it_is_that_of_the_last_step_too() -> None:
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer=keras.optimizers.SGD(schedule))
    seen = [learning_rate(model)]
    for _ in range(3):
        model.train_on_batch(np.zeros((1, 3)), np.zeros((1, 1)))
        seen.append(learning_rate(model))
    assert seen == pytest.approx([0.1, 0.1, 0.05, 0.025])
