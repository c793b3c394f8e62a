"""The whole of training: what it leaves, what repeats, how it stops."""

from pathlib import Path
from typing import Any

import pytest

from mnist_pipeline.config.load import load
from mnist_pipeline.data.dataset import load_dataset
from mnist_pipeline.errors import ConfigError, TrainingError
from mnist_pipeline.framework import keras
from mnist_pipeline.run.files import CONFIG
from mnist_pipeline.run.folder import Run
from mnist_pipeline.training.train import prepare, train
from tests.configs import tiny
from tests.trainings import RESTLESS, fingerprint, history, trained


def test_the_same_config_gives_the_same_weights_bit_for_bit(tmp_path: Path) -> None:
    loaded = tiny(tmp_path, **RESTLESS)
    first, second = trained(loaded, tmp_path / "a"), trained(loaded, tmp_path / "b")
    assert fingerprint(first) == fingerprint(second)
    assert history(first) == history(second)


def test_the_config_that_a_run_keeps_gives_the_same_run(tmp_path: Path) -> None:
    first = trained(tiny(tmp_path, "training.epochs=3"), tmp_path / "a")
    second = trained(load(str(first.folder / CONFIG)), tmp_path / "b")
    assert fingerprint(first) == fingerprint(second)
    assert (first.folder / CONFIG).read_text() == (second.folder / CONFIG).read_text()


def test_another_seed_gives_other_weights(tmp_path: Path) -> None:
    first, second = trained(tiny(tmp_path), tmp_path / "a"), trained(tiny(tmp_path, "seed=1"), tmp_path / "b")
    assert fingerprint(first) != fingerprint(second)


def test_the_history_has_a_row_an_epoch_with_loss_and_learning_rate(tmp_path: Path) -> None:
    rows = history(trained(tiny(tmp_path), tmp_path / "run"))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert set(rows[0]) >= {"loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"}


def test_a_loss_that_is_no_number_stops_the_run_with_advice(tmp_path: Path) -> None:
    loaded = tiny(
        tmp_path,
        data={"dataset": "mnist_sample", "train_samples": 100, "target": "value"},
        model={"layers": ["Flatten", {"Dense": 1}]},
        loss="mse",
        optimizer={"SGD": 1e30},
    )
    said = r"stopped in epoch 1: the loss is (nan|inf)\. The learning rate \(1e\+30\) is .*; try 1e\+29, or clipnorm: 1"
    with pytest.raises(TrainingError, match=said):
        trained(loaded, tmp_path / "run")
    record = Run(tmp_path / "run").record
    assert record["status"] == "failed"
    assert "learning rate" in record["error"]


def test_what_keras_refuses_is_told_with_the_line_of_the_config_before_there_is_a_run(tmp_path: Path) -> None:
    layers = [{"RandomZoom": {"height_factor": 7}}, "Flatten", {"Dense": {"units": 10, "activation": "softmax"}}]
    with pytest.raises(ConfigError, match=r"tiny\.yaml:\d+:\d+: Keras refuses this"):
        trained(tiny(tmp_path, model={"layers": layers}), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_gpu_that_is_not_there_is_an_error_that_says_why(tmp_path: Path) -> None:
    loaded = tiny(tmp_path, "training.device=gpu")
    if keras.src.backend.tensorflow.distribution_lib.list_devices("gpu"):
        pytest.skip("there is a GPU here")
    with pytest.raises(TrainingError, match="TensorFlow uses no GPU"):
        trained(loaded, tmp_path / "run")


def test_a_training_that_is_over_and_not_judged_yet_is_not_trained_on(tmp_path: Path) -> None:
    stopping = {"EarlyStopping": {"monitor": "loss", "mode": "max", "patience": 1, "restore_best_weights": True}}
    loaded = tiny(tmp_path, training={"epochs": 9}, callbacks=[stopping])
    run = trained(loaded, tmp_path / "run")
    before, rows = fingerprint(run), history(run)
    assert len(rows) == 2
    with run.record_outcome():
        train(prepare(run.config(), load_dataset(loaded.config.data), run), run)
    assert (fingerprint(run), history(run)) == (before, rows)


@pytest.mark.parametrize(
    "optimizer", ["SGD", {"SGD": {"momentum": 0.9}}, "Adam", "RMSprop", {"Adagrad": 0.01}], ids=str
)
def test_every_optimizer_of_the_guide_makes_the_loss_smaller(tmp_path: Path, optimizer: object) -> None:
    rows = history(trained(tiny(tmp_path, "training.epochs=3", optimizer=optimizer), tmp_path / "run"))
    assert float(rows[-1]["loss"]) < float(rows[0]["loss"])


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "sigmoid", "tanh"])
def test_every_activation_of_the_guide_makes_the_loss_smaller(tmp_path: Path, activation: str) -> None:
    layers = ["Flatten", {"Dense": {"units": 32, "activation": activation}},
              {"Dense": {"units": 10, "activation": "softmax"}}]  # fmt: skip
    rows = history(trained(tiny(tmp_path, "training.epochs=3", model={"layers": layers}), tmp_path / "run"))
    assert float(rows[-1]["loss"]) < float(rows[0]["loss"])


VALUE = {
    "data": {"dataset": "mnist_sample", "train_samples": 200, "target": "value"},
    "model": {"layers": ["Flatten", {"Dense": 1}]},
}
YES_OR_NO = {
    "data": {"dataset": "mnist_sample", "train_samples": 200, "target": {"positive": [1, 3, 5, 7, 9]}},
    "model": {"layers": ["Flatten", {"Dense": {"units": 1, "activation": "sigmoid"}}]},
}


@pytest.mark.parametrize(
    ("loss", "sections"),
    [
        ("mse", VALUE),
        ("mae", VALUE),
        ("binary_crossentropy", YES_OR_NO),
        ("categorical_crossentropy", {}),
        ("sparse_categorical_crossentropy", {}),
    ],
)
def test_every_loss_of_the_guide_becomes_smaller(tmp_path: Path, loss: str, sections: dict[str, Any]) -> None:
    rows = history(trained(tiny(tmp_path, "training.epochs=3", loss=loss, **sections), tmp_path / "run"))
    assert float(rows[-1]["loss"]) < float(rows[0]["loss"])
