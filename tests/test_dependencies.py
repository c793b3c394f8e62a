"""Undocumented behavior of other packages that this one depends on."""

from typing import Annotated, Any

import numpy as np
import pytest
from pydantic import Field, TypeAdapter, ValidationError

from mnist_pipeline import framework
from mnist_pipeline.config.keras.catalog.callbacks import CALLBACKS
from mnist_pipeline.config.messages import PLAIN_WORDS
from mnist_pipeline.framework import keras
from mnist_pipeline.training.batch_normalization import FusedBatchNormalization
from mnist_pipeline.training.checkpoint import CALLBACK_STATE

# LiteRT


def test_litert_lists_the_operators_of_a_model() -> None:
    from ai_edge_litert.interpreter import Interpreter

    assert hasattr(Interpreter, "_get_ops_details"), (
        "this version of ai-edge-litert has no Interpreter._get_ops_details. models/litert.py checks the operators of "
        "a model from somebody else with it, before the model gets any memory: without it no model.tflite can be used"
    )


# Keras


def test_keras_still_has_the_arguments_of_batch_normalization_that_decide_whether_it_can_be_fused() -> None:
    arguments = keras.layers.BatchNormalization().get_config()
    assert {"axis", "momentum", "epsilon", "renorm"} <= arguments.keys(), (
        "BatchNormalization has other arguments than batch_normalization.py knows. See whether FusedBatchNormalization "
        "still computes the same (tests/training/test_mixed_precision.py), and what became of renorm"
    )


def test_batch_normalization_can_be_fused_though_keras_has_dropped_renormalization() -> None:
    class WithoutRenorm(FusedBatchNormalization):
        def get_config(self) -> dict[str, Any]:
            return {"axis": self.axis, "momentum": self.momentum, "epsilon": self.epsilon}

    pixels = np.random.default_rng(0).normal(3, 2, (6, 5, 5, 3)).astype(np.float32)
    layer = WithoutRenorm()
    layer.build(pixels.shape)
    del layer.renorm
    theirs = keras.layers.BatchNormalization()(pixels, training=True)
    np.testing.assert_allclose(layer(pixels, training=True), theirs, rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize("name", CALLBACKS.signatures)
def test_the_callbacks_of_keras_have_the_attributes_that_a_checkpoint_saves(name: str) -> None:
    callback = getattr(keras.callbacks, name)()
    callback.on_train_begin()
    missing = [attribute for attribute in CALLBACK_STATE[name] if not hasattr(callback, attribute)]
    assert not missing, (
        f"{name} no longer has {missing}, which a checkpoint saves (CALLBACK_STATE in training/checkpoint.py). See "
        "what replaces them, or a resumed training ends differently"
    )


NEVER_BETTER: dict[str, Any] = {"monitor": "loss", "min_delta": 100}
BUSY: dict[str, dict[str, Any]] = {  # so that each callback does all that it can
    "EarlyStopping": NEVER_BETTER | {"patience": 3, "restore_best_weights": True},
    "ReduceLROnPlateau": NEVER_BETTER | {"patience": 2, "cooldown": 1},
    "SwapEMAWeights": {"swap_on_epoch": True},
}


@pytest.fixture(scope="module")
def model() -> Any:
    """A compiled model with a moving average of its weights."""
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer=keras.optimizers.SGD(0.1, use_ema=True))
    return model


@pytest.mark.parametrize("name", CALLBACKS.signatures)
def test_no_other_attribute_of_keras_callbacks_changes_during_training(model: Any, name: str) -> None:
    callback = getattr(keras.callbacks, name)(**BUSY[name])
    recorder = AttributeRecorder(callback)
    model.fit(np.ones((8, 3)), np.ones((8, 1)), epochs=5, batch_size=4, callbacks=[callback, recorder], verbose=0)
    # The comparison and its sign come from the arguments; the weights are saved apart.
    expected = {*CALLBACK_STATE[name], "monitor_op", "min_delta", "best_weights", "_model", "params"}
    assert recorder.changed <= expected, (
        f"{name} changes {sorted(recorder.changed - expected)}, which a checkpoint does not save. Add them to "
        "CALLBACK_STATE in training/checkpoint.py, or a resumed training ends differently"
    )


class AttributeRecorder(keras.callbacks.Callback):
    """Records which attributes of another callback change."""

    def __init__(self, callback: keras.callbacks.Callback) -> None:
        super().__init__()
        self.callback, self.before, self.changed = callback, dict(vars(callback)), set()

    def _compare(self, *_: Any, **__: Any) -> None:
        now = vars(self.callback)
        self.changed |= {name for name in now if now[name] is not self.before.get(name)}

    on_train_batch_end = on_epoch_end = on_test_begin = on_test_end = _compare


def test_keras_and_tensorflow_keep_their_seeds_where_a_training_restores_them() -> None:
    keras.utils.set_random_seed(0)
    tracker = vars(framework.global_state.GLOBAL_STATE_TRACKER)
    seeds = vars(framework.context.context())
    assert {"global_random_seed", "global_seed_generator", "_seed", "_rng"} <= tracker.keys() | seeds.keys(), (
        "Keras or TensorFlow keeps its seeds elsewhere. framework.preserve_state puts them back after mp.train: let it "
        "follow, or a notebook's random numbers change with a training"
    )
    assert callable(framework.tf_config.disable_op_determinism)


def test_an_optimizer_counts_its_steps_in_a_variable_that_is_called_iteration() -> None:
    names = [variable.name for variable in keras.optimizers.SGD().variables]
    assert names.count("iteration") == 1, (
        f"optimizers count their steps in another variable ({names}); training/callbacks.py reads it for "
        "the learning rate"
    )


# pydantic

Strict = Field(strict=True)
MESSAGES: list[tuple[Any, Any, str]] = [
    (Annotated[int, Strict], "x", "Input should be a valid integer"),
    (Annotated[float, Strict], "x", "Input should be a valid number"),
    (Annotated[bool, Strict], "x", "Input should be a valid boolean"),
    (Annotated[str, Strict], 3, "Input should be a valid string"),
    (Annotated[list[int], Strict], 3, "Input should be a valid list"),
    (Annotated[dict[str, int], Strict], 3, "Input should be a valid dictionary"),
    (Annotated[int, Field(gt=0)], 0, "Input should be greater than 0"),
    (Annotated[int, Field(ge=1)], 0, "Input should be greater than or equal to 1"),
    (Annotated[float, Field(lt=1)], 2, "Input should be less than 1"),
    (Annotated[float, Field(le=1)], 2, "Input should be less than or equal to 1"),
    (Annotated[list[int], Field(min_length=1)], [], "List should have at least 1 item after validation, not 0"),
    (Annotated[list[int], Field(max_length=1)], [1, 2], "List should have at most 1 item after validation, not 2"),
]


@pytest.mark.parametrize(("annotation", "value", "text"), MESSAGES, ids=[text for *_, text in MESSAGES])
def test_pydantic_writes_the_messages_that_are_replaced_by_plainer_ones(annotation: Any, value: Any, text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(annotation).validate_python(value)
    assert refused.value.errors()[0]["msg"] == text, (
        "pydantic has another message now, and config/messages.py replaces parts of the old one. Update it, or users "
        "read of 'Input' and 'validation'"
    )


def test_every_message_that_is_replaced_is_one_of_pydantic() -> None:
    assert set(PLAIN_WORDS) <= {text.removeprefix("Input should be ") for *_, text in MESSAGES}
