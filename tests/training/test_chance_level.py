"""A model at chance level is reported at the end of its training."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnist_pipeline.training.chance_level import message
from tests.configs import TARGETS, tiny
from tests.helpers import config
from tests.trainings import NO_XLA, trained

SKEWED = {"data": {"target": {"positive": [1]}}}  # a tenth is positive


def message_for(row: dict[str, float], sections: dict[str, Any] | None = None) -> str | None:
    """The message for a model whose history ends with `row`."""
    return message(config(sections), {"learning_rate": 0.5} | row)


@pytest.mark.parametrize(
    ("accuracy", "sections"),
    [
        (0.1, {}),
        (0.11, {"loss": "sparse_categorical_crossentropy"}),
        (0.9, TARGETS["yes or no"] | SKEWED),
        (0.88, TARGETS["yes or no"] | SKEWED),
    ],
)
def test_an_accuracy_that_a_constant_label_reaches_is_chance(accuracy: float, sections: dict[str, Any]) -> None:
    assert str(message_for({"accuracy": accuracy}, sections)).startswith(
        f"This model predicts no better than chance: {100 * accuracy:.1f} % of the training images are right"
    )


@pytest.mark.parametrize(
    ("row", "sections"),
    [
        ({"accuracy": 0.2}, {}),
        ({"accuracy": 0.95}, TARGETS["yes or no"] | SKEWED),
        ({"mae": 2.5}, TARGETS["value"]),
        ({"mse": 0.09}, {"metrics": ["mse"]}),
        ({"binary_accuracy": 0.1}, {"metrics": ["BinaryAccuracy"]}),
    ],
)
def test_a_better_accuracy_or_none_gets_no_message(row: dict[str, float], sections: dict[str, Any]) -> None:
    assert message_for(row, sections) is None


def test_the_accuracy_is_found_under_the_name_that_the_config_gives_it() -> None:
    assert message_for({"right": 0.1}, {"metrics": [{"CategoricalAccuracy": {"name": "right"}}]})


def test_the_advice_names_the_learning_rate_and_the_default() -> None:
    text = message_for({"accuracy": 0.1, "learning_rate": 0.5})
    assert str(text).endswith("The learning rate (0.5 at the end) is probably the reason; the default of Adam is 0.001")


def test_the_default_learning_rate_is_not_blamed() -> None:
    in_training = float(np.float32(0.001))
    assert "learning rate" not in str(message_for({"accuracy": 0.1, "learning_rate": in_training}))


def test_a_training_that_learned_nothing_ends_with_the_message(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    layers = [
        "Flatten",
        {"Dense": {"units": 8, "activation": "relu"}},
        {"Dense": {"units": 10, "activation": "softmax"}},
    ]
    trained(tiny(tmp_path, NO_XLA, optimizer={"Adam": 100.0}, model={"layers": layers}), tmp_path / "run")
    assert "This model predicts no better than chance: " in capfd.readouterr().err.splitlines()[-1]
