"""What Keras refuses leaves no run; bugs of this package are not refusals."""

from pathlib import Path
from typing import Any, NoReturn

import pytest

from mnist_pipeline.config.keras.catalog.metrics import METRICS
from mnist_pipeline.config.lint.callbacks import COUNT_METRICS
from mnist_pipeline.framework import keras, tf
from mnist_pipeline.run.folder import Run
from mnist_pipeline.training import train as training
from mnist_pipeline.training.callbacks import LearningRateLogger
from mnist_pipeline.training.multistep import MultiStepModel
from mnist_pipeline.training.progress import ProgressReporter
from tests.configs import metric, tiny
from tests.conftest import Mnist
from tests.trainings import NO_XLA, trained

SMALL = ["train", "--config", "smoke", "--set", "callbacks=[]", "--set", "data.train_samples=100",
         "--set", "data.test_samples=50"]  # fmt: skip


def raising(error: BaseException) -> Any:
    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise error

    return refuse


def test_a_value_that_keras_refuses_leaves_no_run(mnist: Mnist) -> None:
    result = mnist(*SMALL, "--set", "model.layers.1={RandomZoom: {height_factor: 7}}")
    assert result.status == 1
    assert "Keras refuses this" in result.err
    assert not list(Path().glob("runs/*"))


def test_a_device_that_is_not_there_leaves_no_run(mnist: Mnist, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda _: [])
    result = mnist(*SMALL, "--set", "training.device=gpu")
    assert result.status == 1
    assert "training.device: gpu: TensorFlow uses no GPU" in result.err
    assert not list(Path().glob("runs/*"))


@pytest.mark.parametrize("engine", ["fast", "keras"])
def test_a_first_step_that_keras_refuses_leaves_no_run(
    mnist: Mnist, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    monkeypatch.setattr(keras.losses.CategoricalCrossentropy, "call", raising(ValueError("shapes differ")))
    result = mnist(*SMALL, "--set", f"training.engine={engine}")
    assert result.status == 1
    assert "epoch 1: Keras cannot train this: shapes differ. Change the layers" in result.err
    assert not list(Path().glob("runs/*"))


def test_other_files_in_the_folder_of_a_refused_run_stay(mnist: Mnist, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> NoReturn:
        Path("mine", "note.txt").touch()
        raise ValueError("shapes differ")

    monkeypatch.setattr(keras.losses.CategoricalCrossentropy, "call", refuse)
    assert mnist(*SMALL, "--run-dir", "mine").status == 1
    assert [file.name for file in Path("mine").iterdir()] == ["note.txt"]


def test_a_later_step_that_keras_refuses_fails_the_run(mnist: Mnist, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MultiStepModel, "test_step", raising(ValueError("shapes differ")))
    result = mnist(*SMALL, "--run-dir", "run")
    assert result.status == 1
    assert "epoch 1: Keras cannot train this: shapes differ. Change the layers" in result.err
    assert Run(Path("run")).status == "failed"


@pytest.mark.parametrize(("place", "name", "error"), [
    (LearningRateLogger, "on_epoch_end", ValueError("a bug")),
    (ProgressReporter, "on_train_batch_end", NotImplementedError("a bug")),
    (MultiStepModel, "_each_batch", ValueError("a bug")),  # these two are traced, as parts of a step
    (tf.raw_ops, "FusedBatchNormV3", TypeError("a bug")),
], ids=["logger", "progress", "step", "layer"])  # fmt: skip
def test_a_bug_of_this_package_is_not_taken_for_a_refusal_of_keras(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: Any, name: str, error: Exception
) -> None:
    layers = ["BatchNormalization", "Flatten", {"Dense": {"units": 10, "activation": "softmax"}}]
    loaded = tiny(tmp_path, NO_XLA, "training.precision=float32", model={"layers": layers})
    monkeypatch.setattr(place, name, raising(error))
    with pytest.raises(type(error), match="a bug"):
        trained(loaded, tmp_path / "run")
    assert Run(tmp_path / "run").status == "failed"


@pytest.mark.filterwarnings("ignore::SyntaxWarning")  # of metrics that expect more than one output
@pytest.mark.parametrize("name", sorted(METRICS.signatures.keys() - {"accuracy"}))
def test_a_config_may_monitor_the_metrics_whose_direction_keras_infers(name: str) -> None:
    monitored = getattr(keras.metrics, name)(**metric(name)[name])
    callback = keras.callbacks.EarlyStopping(monitor=f"val_{monitored.name}", mode="auto")
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(metrics=[monitored])
    model.compute_metrics(*3 * [tf.zeros((1, 1))])
    callback.set_model(model)
    try:
        callback.on_epoch_end(0, {callback.monitor: 1.0})
        inferred = True
    except ValueError:
        inferred = False
    assert inferred is (name not in COUNT_METRICS)


@pytest.mark.parametrize("where", ["build", "fit"])
def test_a_lack_of_memory_is_reported_with_what_to_do(
    mnist: Mnist, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    error = tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")
    place = {"build": (training, "build"), "fit": (keras.losses.CategoricalCrossentropy, "call")}[where]
    monkeypatch.setattr(*place, raising(error))
    result = mnist(*SMALL)
    assert result.status == 1
    assert "training.batch_size: 50: there is not enough memory. Try a smaller batch size" in result.err
