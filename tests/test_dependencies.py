"""What is used of other packages beyond what they promise; each test says what hangs on it, should it change."""

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


def test_litert_tells_the_operators_of_a_model() -> None:
    from ai_edge_litert.interpreter import Interpreter

    assert hasattr(Interpreter, "_get_ops_details"), (
        "this version of ai-edge-litert has no Interpreter._get_ops_details. inference/litert.py looks with it at the "
        "operators of a stranger's model, before the model gets any memory: without it no model.tflite can be used"
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
def test_the_callbacks_of_keras_remember_what_a_checkpoint_keeps_of_them(name: str) -> None:
    callback = getattr(keras.callbacks, name)()
    callback.on_train_begin()
    missing = [counter for counter in CALLBACK_STATE[name] if not hasattr(callback, counter)]
    assert not missing, (
        f"{name} no longer has {missing}, which a checkpoint keeps (COUNTERS in training/checkpoint.py). See under "
        "which name it goes on, or a resumed training ends differently"
    )


NEVER_BETTER: dict[str, Any] = {"monitor": "loss", "min_delta": 100}
BUSY: dict[str, dict[str, Any]] = {  # what has each callback do all that it can
    "EarlyStopping": NEVER_BETTER | {"patience": 3, "restore_best_weights": True},
    "ReduceLROnPlateau": NEVER_BETTER | {"patience": 2, "cooldown": 1},
    "SwapEMAWeights": {"swap_on_epoch": True},
}


@pytest.mark.parametrize("name", CALLBACKS.signatures)
def test_nothing_else_changes_in_the_callbacks_of_keras_while_they_work(name: str) -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer=keras.optimizers.SGD(0.1, use_ema=True))
    callback = getattr(keras.callbacks, name)(**BUSY[name])
    watch = Watched(callback)
    model.fit(np.ones((8, 3)), np.ones((8, 1)), epochs=5, batch_size=4, callbacks=[callback, watch], verbose=0)
    # Of these: the comparison, its sign, and what it is applied to come from the arguments; weights are kept apart.
    known = {*CALLBACK_STATE[name], "monitor_op", "min_delta", "best_weights", "_model", "params"}
    assert watch.changed <= known, (
        f"{name} has come to remember {sorted(watch.changed - known)}, which a checkpoint does not keep. Add it to "
        "COUNTERS in training/checkpoint.py, or a resumed training ends differently"
    )


class Watched(keras.callbacks.Callback):
    """Sees which attributes of a callback change."""

    def __init__(self, watched: keras.callbacks.Callback) -> None:
        super().__init__()
        self.watched, self.before, self.changed = watched, dict(vars(watched)), set()

    def _look(self, *_: Any, **__: Any) -> None:
        now = vars(self.watched)
        self.changed |= {name for name in now if now[name] is not self.before.get(name)}

    on_train_batch_end = on_epoch_end = on_test_begin = on_test_end = _look


def test_keras_and_tensorflow_keep_their_seeds_where_a_training_restores_them() -> None:
    keras.utils.set_random_seed(0)
    tracker = vars(framework.global_state.GLOBAL_STATE_TRACKER)
    seeds = vars(framework.context.context())
    assert {"global_random_seed", "global_seed_generator", "_seed", "_rng"} <= tracker.keys() | seeds.keys(), (
        "Keras or TensorFlow keeps its seeds elsewhere. framework.restored_state puts them back after mp.train: let it "
        "follow, or a notebook's random numbers change with a training"
    )
    assert callable(framework.tf_config.disable_op_determinism)


def test_an_optimizer_counts_its_steps_in_a_variable_that_is_called_iteration() -> None:
    names = [variable.name for variable in keras.optimizers.SGD().variables]
    assert names.count("iteration") == 1, (
        f"optimizers count their steps under another name ({names}); training/callbacks.py needs it for the rate"
    )


# pydantic

Strict = Field(strict=True)
TEXTS: list[tuple[Any, Any, str]] = [
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


@pytest.mark.parametrize(("shape", "value", "text"), TEXTS, ids=[text for *_, text in TEXTS])
def test_pydantic_says_it_in_the_words_that_are_put_into_plainer_ones(shape: Any, value: Any, text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(shape).validate_python(value)
    assert refused.value.errors()[0]["msg"] == text, (
        "pydantic words this differently now, and config/wording.py replaces parts of its texts: let it follow, or "
        "users are told of 'Input' and of 'validation'"
    )


def test_every_text_that_is_replaced_is_one_that_pydantic_has() -> None:
    assert set(PLAIN_WORDS) <= {text.removeprefix("Input should be ") for *_, text in TEXTS}
