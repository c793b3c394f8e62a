"""The weights in a Keras model are checked before anything in them is read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED

import h5py
import numpy as np
import pytest

from mnist_pipeline.config.keras.catalog.optimizers import OPTIMIZERS
from mnist_pipeline.errors import RunError
from mnist_pipeline.framework import keras
from mnist_pipeline.models import keras_model
from tests.helpers import described_anew, noise, with_weights

KERNEL, BIAS = "layers/dense/vars/0", "layers/dense/vars/1"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A Keras model with 784 x 10 weights and 10 more."""
    start = keras.Input((28, 28))
    output = keras.layers.Dense(10, name="last")(keras.layers.Flatten()(start))
    keras.Model(start, output).save(tmp_path / "model.keras")
    return tmp_path / "model.keras"


def other(name: str, **how: Any) -> Callable[[Any], None]:
    """Another array in the place of one."""

    def edit(weights: Any) -> None:
        del weights[name]
        weights.create_dataset(name, **how)

    return edit


def elsewhere(link: Any) -> Callable[[Any], None]:
    def edit(weights: Any) -> None:
        weights["elsewhere"] = weights[BIAS][:]
        del weights[BIAS]
        weights[BIAS] = link

    return edit


def more(weights: Any) -> None:
    weights["one more"] = np.ones(10, "float32")


def less(weights: Any) -> None:
    del weights["layers/dense"]
    weights["optimizer/vars/0"] = np.ones(8_000, "float32")  # so that there are bytes enough


def twice(weights: Any) -> None:
    weights["again"] = weights[BIAS]


def loop(weights: Any) -> None:
    weights["layers/again"] = weights["layers"]


def virtual(weights: Any) -> None:
    layout = h5py.VirtualLayout((10,), "float32")
    layout[:] = h5py.VirtualSource(".", BIAS, (10,))
    del weights[BIAS]
    weights.create_virtual_dataset(BIAS, layout)


def attributed(weights: Any) -> None:
    weights[BIAS].attrs["dtype"] = "bfloat16"


def of_group(group: str, name: str, value: Any) -> Callable[[Any], None]:
    """An attribute of a group."""

    def edit(weights: Any) -> None:
        weights[group].attrs[name] = value

    return edit


def typed(weights: Any) -> None:
    weights["a type"] = np.dtype("float32")


FORM, ABSENT = "in a form that Keras does not write", r"it declares weights .* bytes, received 0 bytes"
BAD: dict[str, tuple[Callable[[Any], None], str]] = {
    "compressed": (other(KERNEL, shape=(784, 10), dtype="f4", chunks=True, compression="gzip"), FORM),
    "in pieces": (other(KERNEL, data=np.ones((784, 10), "f4"), chunks=(784, 10)), FORM),
    "one large piece": (other(BIAS, shape=(10,), maxshape=(None,), dtype="f4", chunks=(10**9,)), FORM),
    "never written": (other(KERNEL, shape=(784, 10), dtype="f4"), ABSENT),
    "huge and never written": (other(KERNEL, shape=(784, 10**9), dtype="f4"), ABSENT),
    "in another file": (other(BIAS, shape=(10,), dtype="f4", external=[("secret", 0, 40)]), FORM),
    "of other arrays": (virtual, FORM),
    "with an attribute": (attributed, FORM),
    "with an attribute of a group": (of_group("layers/dense/vars", "dtype", "bfloat16"), FORM),
    "with an attribute of the file": (of_group("/", "name", "digits"), FORM),
    "with a name for a group of layers": (of_group("layers/dense", "name", "dense"), FORM),
    "with many names": (of_group("layers/dense/vars", "name", [b"dense"] * 1000), FORM),
    "text": (other(BIAS, data=[b"0"] * 10), FORM),
    "objects": (other(BIAS, data=["0"] * 10), FORM),
    "nothing": (other(BIAS, data=h5py.Empty("f4")), FORM),
    "a type": (typed, "contain something else"),
    "larger": (other(BIAS, data=np.ones(11, "f4")), r"weights \(11,\) float32, which no layer has"),
    "wider": (other(BIAS, data=np.ones(10, "f8")), r"weights \(10,\) float64, which no layer has"),
    "whole numbers": (other(BIAS, data=np.ones(10, "i4")), r"weights \(10,\) int, which no layer has"),
    "one more": (more, r"weights \(10,\) float32, which no layer has"),
    "fewer": (less, r"the weights \(.*\) float32 of a layer are not saved"),
    "a soft link": (elsewhere(h5py.SoftLink("/elsewhere")), "are links"),
    "a link into a file": (elsewhere(h5py.ExternalLink("secret.h5", "/x")), "are links"),
    "two names": (twice, "one item under two names"),
    "a loop": (loop, "one item under two names"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_weights_that_are_not_those_of_the_layers_are_not_loaded(
    kind: str, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit, reason = BAD[kind]
    monkeypatch.setattr(keras.models, "load_model", lambda *_, **__: pytest.fail("it was loaded"))
    with pytest.raises(RunError, match=rf"model\.keras: .*{reason}"):
        keras_model.load(with_weights(model, edit))


def padding(weights: Any) -> None:
    weights["optimizer/vars/0"] = np.ones(2**20, "float32")


def zeros(weights: Any) -> None:
    weights[KERNEL][:] = 0


def test_a_file_much_larger_than_the_weights_is_not_unpacked(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_weights(model, padding)
    monkeypatch.setattr(h5py, "File", lambda *_: pytest.fail("it was opened"))
    with pytest.raises(RunError, match=r"its layers have 31,400 bytes of weights, and 4,\d+,\d+ are saved"):
        keras_model.load(model)


def wide(file: Path, **compiled: Any) -> keras.Model:
    """A model with 3 MB of weights, saved; `compiled`: to go on training with."""
    start = keras.Input((28, 28))
    hidden = keras.layers.Dense(1000)(keras.layers.Flatten()(start))
    model = keras.Model(start, keras.layers.Dense(10)(hidden))
    if compiled:
        model.compile(**compiled)
        model.optimizer.build(model.trainable_variables)
    model.save(file)
    return model


def test_layers_with_more_weights_than_are_saved_are_not_made(tmp_path: Path) -> None:
    wide(tmp_path / "model.keras")
    with pytest.raises(RunError, match=r"its layers have 198,\d+,\d+ bytes of weights, and 3,\d+,\d+ are saved"):
        keras_model.load(described_anew(tmp_path / "model.keras", "1000", "62500"))


@pytest.mark.parametrize("spoil", [None, zeros], ids=["trained", "zeros"])
def test_weights_that_unpack_to_more_than_trained_ones_can_are_refused(
    spoil: Callable[[Any], None] | None, tmp_path: Path
) -> None:
    plain = wide(tmp_path / "model.keras")
    file = with_weights(tmp_path / "model.keras", spoil or (lambda _: None), ZIP_DEFLATED)
    if spoil:
        with pytest.raises(RunError, match="more than weights do"):
            keras_model.load(file)
    else:
        assert np.array_equal(keras_model.load(file).get_weights()[0], plain.get_weights()[0])


@pytest.mark.parametrize("name", OPTIMIZERS.signatures)
def test_a_model_of_plain_keras_with_the_state_of_its_optimizer_is_loaded(name: str, tmp_path: Path) -> None:
    optimizer = getattr(keras.optimizers, name)(use_ema=True, gradient_accumulation_steps=2)
    plain = wide(tmp_path / "model.keras", optimizer=optimizer, loss="mse")
    images = noise(3).images
    assert np.array_equal(keras_model.compute_outputs(tmp_path / "model.keras", images), plain.predict_on_batch(images))
