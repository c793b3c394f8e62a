"""Whole trainings: what they leave, what repeats, how they fail."""

from pathlib import Path
from typing import Any

import pytest

from mnist_pipeline.config.load import load
from mnist_pipeline.errors import ConfigError, TrainingError
from mnist_pipeline.framework import keras
from mnist_pipeline.run.files import CONFIG
from mnist_pipeline.run.folder import Run
from tests.configs import tiny
from tests.trainings import NO_XLA, STATEFUL, fingerprint, history, resume, trained

TWO_EPOCHS = "training.epochs=2"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of STATEFUL, with two epochs."""
    folder = tmp_path_factory.mktemp("first")
    return trained(tiny(folder, TWO_EPOCHS, **STATEFUL), folder / "run")


def test_the_same_config_gives_the_same_weights_bit_for_bit(first: Run, tmp_path: Path) -> None:
    second = trained(tiny(tmp_path, TWO_EPOCHS, **STATEFUL), tmp_path / "run")
    assert fingerprint(second) == fingerprint(first)
    assert history(second) == history(first)


def test_the_config_that_a_run_keeps_gives_the_same_run(tmp_path: Path) -> None:
    first = trained(tiny(tmp_path, "training.epochs=3"), tmp_path / "a")
    second = trained(load(str(first.folder / CONFIG)), tmp_path / "b")
    assert fingerprint(first) == fingerprint(second)
    assert (first.folder / CONFIG).read_text() == (second.folder / CONFIG).read_text()


def test_another_seed_gives_other_weights(first: Run, tmp_path: Path) -> None:
    second = trained(tiny(tmp_path, TWO_EPOCHS, "seed=1", **STATEFUL), tmp_path / "run")
    assert fingerprint(second) != fingerprint(first)


def test_the_history_has_a_row_an_epoch_with_loss_and_learning_rate(first: Run) -> None:
    rows = history(first)
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert set(rows[0]) >= {"loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"}


VALUE = {
    "data": {"dataset": "mnist_sample", "train_samples": 200, "target": "value"},
    "model": {"layers": ["Flatten", {"Dense": 1}]},
}


def test_a_loss_that_is_not_a_number_stops_the_run_with_advice(tmp_path: Path) -> None:
    loaded = tiny(tmp_path, loss="mse", optimizer={"SGD": 1e30}, **VALUE)
    advice = (
        r"stopped in epoch 1: the loss is (nan|inf)\. The learning rate \(1e\+30\) is .*; try 1e\+29, or clipnorm: 1"
    )
    with pytest.raises(TrainingError, match=advice):
        trained(loaded, tmp_path / "run")
    record = Run(tmp_path / "run").record
    assert record["status"] == "failed"
    assert "learning rate" in record["error"]


def test_what_keras_refuses_is_reported_with_the_line_of_the_config_before_there_is_a_run(tmp_path: Path) -> None:
    layers = [{"RandomZoom": {"height_factor": 7}}, "Flatten", {"Dense": {"units": 10, "activation": "softmax"}}]
    with pytest.raises(ConfigError, match=r"tiny\.yaml:\d+:\d+: Keras refuses this"):
        trained(tiny(tmp_path, model={"layers": layers}), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_gpu_that_is_not_there_is_an_error_with_the_reason(tmp_path: Path) -> None:
    loaded = tiny(tmp_path, "training.device=gpu")
    if keras.src.backend.tensorflow.distribution_lib.list_devices("gpu"):
        pytest.skip("there is a GPU here")
    with pytest.raises(TrainingError, match="TensorFlow uses no GPU"):
        trained(loaded, tmp_path / "run")


def test_a_training_that_has_ended_and_is_not_evaluated_yet_is_not_trained_further(tmp_path: Path) -> None:
    stopping = {"EarlyStopping": {"monitor": "loss", "mode": "max", "patience": 1, "restore_best_weights": True}}
    run = trained(tiny(tmp_path, NO_XLA, "training.epochs=9", callbacks=[stopping]), tmp_path / "run")
    before, rows = fingerprint(run), history(run)
    assert len(rows) == 2
    resume(run)
    assert (fingerprint(run), history(run)) == (before, rows)


def hidden(activation: str, units: int, output: str | None) -> dict[str, Any]:
    """The section `model` with a hidden layer."""
    layers = ["Flatten", {"Dense": {"units": 32, "activation": activation}}]
    return {"layers": [*layers, {"Dense": {"units": units, "activation": output}}]}


# Every optimizer, activation and loss of the guide, each once or more.
@pytest.mark.parametrize(("optimizer", "activation", "loss", "target"), [
    ("SGD", "relu", "categorical_crossentropy", "digit"),
    ({"SGD": {"momentum": 0.9}}, "leaky_relu", "sparse_categorical_crossentropy", "digit"),
    ("Adam", "sigmoid", "mse", "value"),
    ("RMSprop", "tanh", "binary_crossentropy", {"positive": [1, 3, 5, 7, 9]}),
    ({"Adagrad": 0.01}, "relu", "mae", "value"),
], ids=str)  # fmt: skip
def test_every_optimizer_activation_and_loss_of_the_guide_makes_the_loss_smaller(
    tmp_path: Path, optimizer: Any, activation: str, loss: str, target: Any
) -> None:
    units, output = {"digit": (10, "softmax"), "value": (1, None)}.get(str(target), (1, "sigmoid"))
    data = {"dataset": "mnist_sample", "train_samples": 200, "target": target}
    model = hidden(activation, units, output)
    loaded = tiny(tmp_path, NO_XLA, "training.epochs=3", optimizer=optimizer, loss=loss, data=data, model=model)
    rows = history(trained(loaded, tmp_path / "run"))
    assert float(rows[-1]["loss"]) < float(rows[0]["loss"])
