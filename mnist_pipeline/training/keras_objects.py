"""Create the Keras objects that a config names."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from mnist_pipeline.config.keras.spec import KerasSpec
from mnist_pipeline.config.yaml.document import KeyPath
from mnist_pipeline.errors import error_reason
from mnist_pipeline.framework import keras
from mnist_pipeline.training.keras_errors import REFUSALS, KerasRefusedError


def create_keras_object(spec: KerasSpec, path: KeyPath) -> Any:
    """The Keras object that `spec`, at `path` in the config, describes.

    Raises KerasRefusedError.
    """
    path = (*path, spec.class_name)
    arguments = {name: _argument(value, (*path, name)) for name, value in spec.config.items()}
    return call_keras(path, keras_class(spec), **arguments)


def keras_class(spec: KerasSpec) -> Any:
    """`keras.layers.Dense`, for example."""
    return attrgetter(f"{spec.module}.{spec.class_name}")(keras)


def call_keras(path: KeyPath, function: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
    """Call `function` of Keras.

    Raises KerasRefusedError, with `path`, where Keras refuses the arguments.
    """
    try:
        return function(*arguments, **keywords)
    except REFUSALS as error:
        raise KerasRefusedError(path, error_reason(error)) from error


def _argument(value: Any, path: KeyPath) -> Any:
    match value:
        case KerasSpec():
            return create_keras_object(value, path)
        case list():
            return [_argument(each, (*path, index)) for index, each in enumerate(value)]
    return value
