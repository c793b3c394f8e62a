"""The order of images, and epochs through Keras' own fit."""

from pathlib import Path

import numpy as np
import pytest

from mnist_pipeline.data.dataset import load_dataset
from mnist_pipeline.framework import keras
from mnist_pipeline.tasks import MULTICLASS, targets
from mnist_pipeline.training import fit
from mnist_pipeline.training.build import build
from tests.configs import tiny


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
    (1, ["Flatten"], 2000),  # steps that are nearly nothing but their own cost
    (128, [{"RandomPerspective": {"scale": 0.2}}, "Flatten"], 1000),
    (128, [*2 * [{"Conv2D": {"filters": 64, "kernel_size": 5}}], "Flatten"], 10),
])  # fmt: skip
def test_a_block_is_short_enough_for_ctrl_c(tmp_path: Path, batch: int, layers: list[object], longest: int) -> None:
    head = {"Dense": {"units": 10, "activation": "softmax"}}
    config = tiny(tmp_path, f"training.batch_size={batch}", model={"layers": [*layers, head]}).config
    steps = 60_000 // batch
    assert 1 <= fit._block_length(config, steps) <= longest


@pytest.mark.parametrize("kind", ["fast", "fast, a block a batch", "keras"])
@pytest.mark.parametrize("layers", [
    pytest.param(["Flatten", {"Dense": {"units": 16, "activation": "relu"}}], id="dense"),
    pytest.param(["Flatten", {"Dense": 16}, "BatchNormalization", {"Activation": "relu"}], id="batch norm"),
    pytest.param([{"Conv2D": {"filters": 4, "kernel_size": 3, "activation": "relu"}}, "Flatten"], id="convolution"),
    pytest.param([{"Conv2D": {"filters": 4, "kernel_size": 3}}, "BatchNormalization", "Flatten"], id="fused norm"),
])  # fmt: skip
def test_an_epoch_gives_the_weights_that_stock_keras_gives_on_the_same_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layers: list[object], kind: str
) -> None:
    kind, _, small_blocks = kind.partition(", ")
    if small_blocks:
        monkeypatch.setattr(fit, "BLOCK_WORK", 1.0)
    head = {"Dense": {"units": 10, "activation": "softmax"}}
    overrides = (f"training.engine={kind}", "training.precision=float32", "data.train_samples=210")
    # Not Adam: the gradient of a bias before batch norm is nothing but rounding, and Adam makes whole steps of it.
    sgd = {"SGD": {"learning_rate": 0.01, "momentum": 0.9}}
    loaded = tiny(tmp_path, *overrides, model={"layers": [*layers, head]}, optimizer=sgd)
    config, dataset = loaded.config, load_dataset(loaded.config.data)
    train = dataset.split("train")

    keras.utils.set_random_seed(0)
    ours = build(config, fit.steps_per_epoch(config, train))
    keras.utils.set_random_seed(0)
    stock = build(config, fit.steps_per_epoch(config, train))
    plan = fit.make_plan(ours, config, dataset)
    fit.fit(plan, [], 0, 2)
    for epoch in range(2):
        rows = fit.epoch_permutation(config.seed, epoch, len(train))
        labels = targets(train.labels, MULTICLASS)
        stock.fit(train.images[rows], labels[rows], batch_size=32, shuffle=False, verbose=0)

    for mine, theirs in zip(plan.sync_weights().get_weights(), stock.get_weights(), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("batch", [100, 1000])  # of 302 images: whole batches and a smaller one, or that alone
@pytest.mark.parametrize("kind", ["fast", "keras"])
def test_validation_gives_the_figures_that_stock_evaluate_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, batch: int
) -> None:
    monkeypatch.setattr(fit, "EVALUATION_BATCH", batch)
    loaded = tiny(tmp_path, f"training.engine={kind}", "training.epochs=1", "data.train_samples=1510")
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
