"""The LiteRT model beside the Keras model: its absence never fails a training."""

from pathlib import Path
from typing import Any

import pytest

from mnist_pipeline.framework import keras
from mnist_pipeline.models import litert
from mnist_pipeline.run.folder import Run
from tests.conftest import Mnist

SMALL = ["--set", "training.epochs=1", "--set", "data.train_samples=100", "--set", "data.test_samples=50"]


class ConverterError(Exception):
    """Like the ConverterError of tensorflow.lite: a child of Exception alone."""


@pytest.mark.parametrize(
    "error", [ConverterError("op XYZ"), OSError(28, "XYZ")], ids=lambda error: type(error).__name__
)
def test_a_training_whose_model_cannot_be_converted_is_finished_and_says_so(
    mnist: Mnist, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(keras.Model, "export", refuse)
    result = mnist("train", "--config", "smoke", "--run-dir", "run", *SMALL)
    run = Run(Path("run"))
    assert (result.status, run.status) == (0, "finished")
    assert run.tflite is None
    assert run.metrics is not None
    line = next(each for each in result.err.splitlines() if "model.tflite" in each)
    assert type(error).__name__ in line
    assert "XYZ" in line
    assert run.record["litert"]["used"] is False


def test_a_training_whose_converted_model_cannot_run_is_finished_and_says_so(
    mnist: Mnist, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise AttributeError("no such method")

    monkeypatch.setattr(litert, "_load", fail)
    result = mnist("train", "--config", "smoke", "--run-dir", "run", *SMALL)
    assert (result.status, Run(Path("run")).status) == (0, "finished")
    assert Run(Path("run")).tflite is None
    assert "AttributeError: no such method" in result.err


def test_a_training_whose_converted_model_disagrees_is_finished_and_says_so(
    mnist: Mnist, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = keras.Model.export

    def export_another(model: keras.Model, *arguments: Any, **keywords: Any) -> None:
        model.layers[-1].set_weights([-10 * weights for weights in model.layers[-1].get_weights()])
        export(model, *arguments, **keywords)

    monkeypatch.setattr(keras.Model, "export", export_another)
    process = mnist("train", "--config", "smoke", "--run-dir", "run", *SMALL)
    run = Run(Path("run"))
    assert (process.status, run.status) == (0, "finished")
    assert run.tflite is None
    assert run.record["litert"]["used"] is False
    assert run.metrics is not None
    assert "model.tflite" in process.err


def test_a_training_whose_model_is_converted_does_not_mention_it(mnist: Mnist) -> None:
    result = mnist("train", "--config", "smoke", "--run-dir", "run", *SMALL)
    assert Run(Path("run")).tflite is not None
    assert "tflite" not in result.err
