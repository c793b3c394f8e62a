"""The line that has the reason of an error of Keras or TensorFlow is shown."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mnist_pipeline.errors import MAX_REASON_LENGTH, error_reason
from mnist_pipeline.framework import keras, tf


def reason(function: Callable[..., Any], *arguments: Any, **keywords: Any) -> str:
    """The line shown of the exception that a call raises."""
    with pytest.raises(Exception) as raised:  # noqa: PT011, each is of another type
        function(*arguments, **keywords)
    return error_reason(raised.value)


def dense(*units: int) -> keras.Model:
    return keras.Sequential([keras.Input((4,)), *map(keras.layers.Dense, units)])


def test_weights_of_another_shape_are_reported_with_both_shapes(tmp_path: Path) -> None:
    file = tmp_path / "model.weights.h5"
    dense(3).save_weights(file)
    line = reason(dense(5).load_weights, file)
    assert "variable.shape=(4, 5), Received: value.shape=(4, 3)" in line
    assert "value=[" not in line


def test_a_layer_that_refuses_its_input_is_reported_with_the_reason() -> None:
    line = reason(keras.layers.Reshape((3, 3)), keras.Input((4,)))
    assert line == ("The total size of the tensor must be unchanged. Received: input_shape=(4,), target_shape=(3, 3)")


def test_an_object_that_cannot_be_deserialized_is_reported_with_the_innermost_reason() -> None:
    description = {"module": "keras.layers", "class_name": "Dense", "config": {"units": 3, "bogus": 1}}
    line = reason(keras.saving.deserialize_keras_object, description | {"registered_name": None})
    assert line == "Unrecognized keyword arguments passed to Dense: {'bogus': 1}"


def test_an_error_inside_a_graph_is_reported_without_its_traceback() -> None:
    model = dense(3)
    model.compile("sgd", "sparse_categorical_crossentropy", jit_compile=False)
    line = reason(model.fit, tf.zeros((4, 4)), tf.constant([0, 1, 2, 9]), verbose=0)
    assert line.startswith("Received a label value of 9 which is outside the valid range of [0, 3).")


def test_an_operation_that_fails_is_reported_without_its_name() -> None:
    assert reason(tf.reshape, tf.zeros(3), [2]) == (
        "Input to reshape is a tensor with 3 values, but the requested shape has 2"
    )


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("one line"), "one line"),
        (ValueError("\n\n  first\nsecond"), "first"),
        (ValueError("It is so:\nbecause"), "because"),
        (ValueError("It is so:"), "It is so:"),
        (ValueError(""), "ValueError"),
        (ValueError(" \n "), "ValueError"),
        (KeyError("layers"), "'layers' is missing"),
        (KeyError("no such layer"), "'no such layer'"),
        (ValueError("\x1b[1mbold\x1b[0m"), "bold"),
    ],
    ids=repr,
)
def test_the_line_that_has_the_reason_is_shown(error: Exception, line: str) -> None:
    assert error_reason(error) == line


def test_a_very_long_line_is_cut() -> None:
    assert len(error_reason(ValueError("x" * 10_000))) == MAX_REASON_LENGTH
