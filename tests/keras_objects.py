"""Keras objects from the values of a config."""

from operator import attrgetter
from typing import Any

from mnist_pipeline.config.keras.spec import KerasSpec
from mnist_pipeline.config.keras.types import Epochs
from mnist_pipeline.framework import keras

STEPS_PER_EPOCH = 7


def made(value: Any) -> Any:
    """The Keras object, or the plain value, for `value`; branches are left out."""
    match value:
        case KerasSpec():
            arguments = {name: made(item) for name, item in value.config.items() if name != "branches"}
            return attrgetter(f"{value.module}.{value.class_name}")(keras)(**arguments)
        case list():
            return [made(item) for item in value]
        case Epochs():
            return round(value.number * STEPS_PER_EPOCH) or 1
    return value
