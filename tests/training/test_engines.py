"""The fast engine gives the same as Keras' own steps, for every config.

`make test` leaves out the slow tests: every loss, every metric and the less common optimizers. `make engines` runs all.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnist_pipeline.config.keras.catalog.constraints import CONSTRAINTS
from mnist_pipeline.config.keras.catalog.losses import LOSSES
from mnist_pipeline.config.keras.catalog.metrics import METRICS
from mnist_pipeline.config.keras.catalog.optimizers import OPTIMIZERS
from mnist_pipeline.config.keras.catalog.regularizers import REGULARIZERS
from mnist_pipeline.config.load import LoadedConfig
from mnist_pipeline.data.dataset import load_dataset
from mnist_pipeline.framework import keras
from mnist_pipeline.training import fit
from mnist_pipeline.training.build import build
from tests.configs import TARGETS, fits, metric, tiny

HEAD = {"Dense": {"units": 10, "activation": "softmax"}}
RELATIVE, ABSOLUTE = 2e-3, 2e-4  # differences between weights, and between metrics
DATA = {"dataset": "mnist_sample", "train_samples": 144, "test_samples": 50, "validation_split": 0}


def dense(arguments: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A layer of 16 units for each of `arguments`."""
    return [{"Dense": {"units": 16, "activation": "relu"} | each} for each in arguments]


def small(folder: Path, engine: str, **sections: Any) -> LoadedConfig:
    """A config of 144 training images in batches of 32, so that the last is smaller."""
    data = DATA | sections.pop("data", {})
    training = {"engine": engine, "precision": "float32", "epochs": 1, "batch_size": 32} | sections.pop("training", {})
    return tiny(folder, data=data, training=training, **{"metrics": []} | sections)


@dataclass(frozen=True)
class Trained:
    """The weights before and after an epoch, and its metrics."""

    before: list[Any]
    weights: list[Any]
    history: dict[str, list[float]]


def trained(loaded: LoadedConfig) -> Trained:
    """An epoch of five steps."""
    config, dataset = loaded.config, load_dataset(loaded.config.data)
    keras.utils.clear_session()
    keras.utils.set_random_seed(0)
    model = build(config, fit.steps_per_epoch(config, dataset.split("train")))
    before = model.get_weights()
    plan = fit.make_plan(model, config, dataset)
    history = keras.callbacks.History()
    fit.fit(plan, [history], 0, config.training.epochs)
    return Trained(before, plan.sync_weights().get_weights(), history.history)


def compare(folder: Path, **sections: Any) -> Trained:
    """Train with both engines; assert that weights and metrics are the same.

    Those of Keras' engine are returned.
    """
    fast, stock = (trained(small(folder, engine, **sections)) for engine in ("fast", "keras"))
    for ours, expected in zip(fast.weights, stock.weights, strict=True):
        np.testing.assert_allclose(ours, expected, rtol=RELATIVE, atol=ABSOLUTE)
    assert fast.history.keys() == stock.history.keys()
    for name, values in fast.history.items():
        np.testing.assert_allclose(values, stock.history[name], rtol=RELATIVE, atol=ABSOLUTE, err_msg=name)
    return stock


def differ(some: list[Any], others: list[Any]) -> bool:
    """Whether weights are much farther apart than those of the two engines may be."""
    return max(np.abs(one - other).max() for one, other in zip(some, others, strict=True)) > 10 * ABSOLUTE


# Optimizers that change hardly anything in five steps with Keras' default learning rate.
LARGER_STEPS = {
    "Adadelta": {"learning_rate": 1.0},
    **{name: {"learning_rate": 0.1} for name in ("Adafactor", "Adagrad", "Lamb")},
}


COMMON = ("SGD", "Adam", "AdamW", "RMSprop", "Muon")


@pytest.mark.parametrize(
    "name", [name if name in COMMON else pytest.param(name, marks=pytest.mark.slow) for name in OPTIMIZERS.signatures]
)
def test_every_optimizer_makes_the_same_steps(tmp_path: Path, name: str) -> None:
    stock = compare(tmp_path, optimizer={name: LARGER_STEPS.get(name, {})})
    assert differ(stock.weights, stock.before)


@pytest.fixture(scope="module")
def plain_sgd(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return trained(small(tmp_path_factory.mktemp("sgd"), "keras", optimizer={"SGD": 0.1}))


@pytest.fixture(params=[False, pytest.param("auto", marks=pytest.mark.slow)], ids=["", "compiled by XLA"])
def xla(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What to set under `training`; the optimizers above are compiled by XLA, too."""
    return {"jit_compile": request.param}


@pytest.mark.parametrize(
    "arguments",
    [
        {"use_ema": True, "ema_momentum": 0.9},
        {"use_ema": True, "ema_momentum": 0.9, "ema_overwrite_frequency": 3},
        {"gradient_accumulation_steps": 2},
        {"clipnorm": 0.1},
        {"clipvalue": 0.001},
        {"global_clipnorm": 0.1},
        {"weight_decay": 0.1},
        {"learning_rate": {"CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": "2 epochs"}}},
    ],
    ids=str,
)
def test_every_option_of_an_optimizer_has_the_same_effect(
    tmp_path: Path, plain_sgd: Trained, arguments: dict[str, Any], xla: dict[str, Any]
) -> None:
    stock = compare(tmp_path, optimizer={"SGD": {"learning_rate": 0.1} | arguments}, training=xla)
    assert differ(stock.weights, plain_sgd.weights)


def test_regularizers_add_the_same_to_the_loss(tmp_path: Path, xla: dict[str, Any]) -> None:
    penalties = [{"kernel_regularizer": name} for name in REGULARIZERS.signatures] + [{"activity_regularizer": "L2"}]
    compare(tmp_path, model={"layers": ["Flatten", *dense(penalties), HEAD]}, training=xla)


def test_constraints_give_the_same_weights(tmp_path: Path, xla: dict[str, Any]) -> None:
    constraints = [{"kernel_constraint": name} for name in CONSTRAINTS.signatures]
    compare(tmp_path, model={"layers": ["Flatten", *dense(constraints), HEAD]}, training=xla)


@pytest.mark.parametrize("layers", [
    [{"Dropout": 0.5}, {"GaussianNoise": 0.5}, {"GaussianDropout": 0.5}, {"AlphaDropout": 0.1}],
    [{"RandomRotation": 0.1}, {"RandomPerspective": {"scale": 0.2}}, {"RandomZoom": 0.1}],
], ids=["dropout and noise", "augmentation"])  # fmt: skip
def test_random_layers_draw_the_same(tmp_path: Path, layers: list[Any]) -> None:
    compare(tmp_path, model={"layers": [*layers, "Flatten", *dense([{}]), HEAD]})


@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS)
def test_every_metric_gives_the_same_value(tmp_path: Path, target: str) -> None:
    fitting = [metric(name) for name in METRICS.signatures if fits(target, metrics=[metric(name)])]
    assert len(fitting) >= 4
    data = TARGETS[target].get("data", {}) | {"validation_split": 0.2}
    compare(tmp_path, **TARGETS[target] | {"data": data}, metrics=fitting)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "loss"), [(target, loss) for target in TARGETS for loss in LOSSES.signatures if fits(target, loss=loss)]
)
def test_every_loss_leads_to_the_same_weights(tmp_path: Path, target: str, loss: str) -> None:
    compare(tmp_path, **TARGETS[target] | {"loss": loss})
