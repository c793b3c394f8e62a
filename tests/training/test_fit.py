"""The order of the images, and epochs through Keras' own fit."""

from pathlib import Path

import numpy as np
import pytest

from mnist_pipeline.data.dataset import load_dataset
from mnist_pipeline.framework import keras
from mnist_pipeline.tasks import MULTICLASS, targets
from mnist_pipeline.training import fit
from mnist_pipeline.training.build import build
from tests.configs import tiny
from tests.trainings import NO_XLA


def test_each_epoch_has_an_order_of_its_own() -> None:
    assert not np.array_equal(fit.epoch_permutation(0, 0, 100), fit.epoch_permutation(0, 1, 100))


def test_a_seed_and_an_epoch_fix_the_order() -> None:
    assert np.array_equal(fit.epoch_permutation(3, 5, 100), fit.epoch_permutation(3, 5, 100))
    assert not np.array_equal(fit.epoch_permutation(3, 5, 100), fit.epoch_permutation(4, 5, 100))


def test_every_image_comes_once_an_epoch() -> None:
    assert np.array_equal(np.sort(fit.epoch_permutation(0, 0, 1000)), np.arange(1000))


@pytest.mark.parametrize(("samples", "steps"), [(64, 2), (65, 3), (1, 1)])
def test_the_last_smaller_batch_counts_as_a_step(tmp_path: Path, samples: int, steps: int) -> None:
    loaded = tiny(tmp_path, "data.validation_split=0", f"data.train_samples={samples}")
    assert fit.steps_per_epoch(loaded.config, load_dataset(loaded.config.data).split("train")) == steps


@pytest.mark.parametrize(("batch", "layers", "longest"), [
    (1, ["Flatten"], 2000),  # steps with hardly any arithmetic
    (128, [{"RandomPerspective": {"scale": 0.2}}, "Flatten"], 1000),
    (128, [*2 * [{"Conv2D": {"filters": 64, "kernel_size": 5}}], "Flatten"], 10),
])  # fmt: skip
def test_a_block_is_short_enough_for_ctrl_c(tmp_path: Path, batch: int, layers: list[object], longest: int) -> None:
    head = {"Dense": {"units": 10, "activation": "softmax"}}
    config = tiny(tmp_path, f"training.batch_size={batch}", model={"layers": [*layers, head]}).config
    steps = 60_000 // batch
    assert 1 <= fit._block_length(config, steps) <= longest


LAYERS: dict[str, list[object]] = {
    "dense": ["Flatten", {"Dense": {"units": 16, "activation": "relu"}}],
    "batch normalization": ["Flatten", {"Dense": 16}, "BatchNormalization", {"Activation": "relu"}],
    "convolution": [{"Conv2D": {"filters": 4, "kernel_size": 3, "activation": "relu"}}, "Flatten"],
    "fused normalization": [{"Conv2D": {"filters": 4, "kernel_size": 3}}, "BatchNormalization", "Flatten"],
}


@pytest.mark.parametrize(("layers", "engine", "block_work"), [
    ("dense", "fast", 2e10), ("batch normalization", "fast", 1.0), ("fused normalization", "fast", 2e10),
    ("convolution", "fast", 1.0), ("batch normalization", "keras", 1.0),
])  # fmt: skip
def test_an_epoch_gives_the_weights_that_stock_keras_gives_on_the_same_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layers: str, engine: str, block_work: float
) -> None:
    monkeypatch.setattr(fit, "BLOCK_WORK", block_work)  # with 1.0, a block is one batch
    head = {"Dense": {"units": 10, "activation": "softmax"}}
    overrides = (f"training.engine={engine}", "training.precision=float32", "data.train_samples=210")
    # Not Adam: the gradient of a bias before batch normalization is only rounding, and Adam scales it to full steps.
    sgd = {"SGD": {"learning_rate": 0.01, "momentum": 0.9}}
    loaded = tiny(tmp_path, *overrides, model={"layers": [*LAYERS[layers], head]}, optimizer=sgd)
    config, dataset = loaded.config, load_dataset(loaded.config.data)
    train = dataset.split("train")

    keras.utils.set_random_seed(0)
    model = build(config, fit.steps_per_epoch(config, train))
    keras.utils.set_random_seed(0)
    stock = build(config, fit.steps_per_epoch(config, train))
    plan = fit.make_plan(model, config, dataset)
    fit.fit(plan, [], 0, 2)
    for epoch in range(2):
        rows = fit.epoch_permutation(config.seed, epoch, len(train))
        labels = targets(train.labels, MULTICLASS)
        stock.fit(train.images[rows], labels[rows], batch_size=32, shuffle=False, verbose=0)

    for ours, expected in zip(plan.sync_weights().get_weights(), stock.get_weights(), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-5)


# Of 302 images: full batches and a smaller one, or that alone.
@pytest.mark.parametrize(("engine", "batch"), [("fast", 100), ("fast", 1000), ("keras", 100)])
def test_validation_gives_the_metrics_that_stock_evaluate_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str, batch: int
) -> None:
    monkeypatch.setattr(fit, "EVALUATION_BATCH", batch)
    loaded = tiny(tmp_path, f"training.engine={engine}", NO_XLA, "training.epochs=1", "data.train_samples=1510")
    config, dataset = loaded.config, load_dataset(loaded.config.data)
    model = build(config, 1)
    history = keras.callbacks.History()
    plan = fit.make_plan(model, config, dataset)
    fit.fit(plan, [history], 0, 1)
    validation = dataset.split("validation")
    stock = plan.sync_weights().evaluate(
        validation.images, targets(validation.labels, MULTICLASS), batch_size=1000, verbose=0, return_dict=True
    )
    assert history.history["val_loss"][0] == pytest.approx(stock["loss"], rel=1e-5)
    assert history.history["val_accuracy"][0] == pytest.approx(stock["accuracy"])
