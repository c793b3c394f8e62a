"""A config -> a compiled Keras model whose input is raw pixels, (28, 28) with values 0 - 255."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from mnist_pipeline.config.keras.spec import KerasSpec
from mnist_pipeline.config.keras.types import Epochs
from mnist_pipeline.config.schema import Config
from mnist_pipeline.config.yaml.document import KeyPath
from mnist_pipeline.errors import error_reason
from mnist_pipeline.framework import keras, tf
from mnist_pipeline.tasks import BINARY, metric_activation, metric_arguments

PIXELS = (28, 28)

# What Keras and TensorFlow raise for an argument or a shape that they refuse.
REFUSALS = (ValueError, TypeError, NotImplementedError, tf.errors.InvalidArgumentError)


class RefusedError(Exception):
    """Keras refuses what the config says at `path`."""

    def __init__(self, path: KeyPath, message: str) -> None:
        """`message` is Keras' own."""
        super().__init__(message)
        self.path = path


def build(config: Config, steps_per_epoch: int) -> keras.Model:
    """The model that `config` describes, compiled. Raises RefusedError where Keras refuses a value.

    Scaling to 0 - 1 and the channel axis stand in front of its layers, so they are part of every saved model.
    """
    pixels = keras.Input(PIXELS, name="pixels")
    scaled = keras.layers.Rescaling(1 / 255, name="scale")(pixels)
    output = _stack(
        config.model.layers, keras.layers.Reshape((*PIXELS, 1), name="channel")(scaled), ("model", "layers")
    )
    model = keras.Model(pixels, output, name="digits")
    compiled(model, config, optimizer=_maker(steps_per_epoch)(config.optimizer, ("optimizer",)))
    return model


def compiled(model: keras.Model, config: Config, **arguments: Any) -> None:
    """Compile `model` with the loss and the metrics of `config`. Raises RefusedError where Keras refuses a value."""
    model.compile(loss=_maker(1)(config.loss, ("loss",)), metrics=build_metrics(config), **arguments)


def build_metrics(config: Config) -> list[keras.metrics.Metric]:
    """The metrics of `config`; those that read outputs as probabilities read them as the loss does."""
    return [_metric(metric, config, ("metrics", index)) for index, metric in enumerate(config.metrics)]


def build_callbacks(config: Config, steps_per_epoch: int) -> list[keras.callbacks.Callback]:
    """Keras' callbacks that `config` names, in its order. Raises RefusedError."""
    make = _maker(steps_per_epoch)
    return [make(callback, ("callbacks", index)) for index, callback in enumerate(config.callbacks)]


def _metric(metric: KerasSpec, config: Config, path: KeyPath) -> keras.metrics.Metric:
    named, task = _accuracy(metric, config), config.task
    arguments = metric_arguments(named.class_name, named.config, task)
    made = _maker(1)(KerasSpec("metrics", named.class_name, arguments), path)
    activation = metric_activation(named.class_name, named.config, task)
    return _after(made, getattr(keras.ops, activation)) if activation else made


def _accuracy(metric: KerasSpec, config: Config) -> KerasSpec:
    """For `accuracy`, which is no class of Keras, the accuracy that suits the target."""
    if metric.class_name != "accuracy":
        return metric
    if config.data.kind == BINARY:
        return KerasSpec("metrics", "BinaryAccuracy", metric.config | {"threshold": None})
    name = "SparseCategoricalAccuracy" if config.sparse_labels else "CategoricalAccuracy"
    return KerasSpec("metrics", name, metric.config)


def _after(metric: keras.metrics.Metric, activation: Callable[[Any], Any]) -> keras.metrics.Metric:
    """`metric`, which now sees outputs after `activation`. It stays a class of Keras, so that plain Keras loads it."""
    update = metric.update_state

    def update_state(y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        return update(y_true, activation(y_pred), sample_weight)

    metric.update_state = update_state
    return metric


def _stack(layers: list[KerasSpec], tensor: Any, below: KeyPath) -> Any:
    """What comes out when `tensor` goes through `layers`."""
    for index, layer in enumerate(layers):
        path = (*below, index, layer.class_name)
        if "branches" in layer.config:
            arguments = {name: value for name, value in layer.config.items() if name != "branches"}
            branches = layer.config["branches"]
            tensors = [_stack(branch, tensor, (*path, "branches", number)) for number, branch in enumerate(branches)]
            merge = _attempt(path, _class(layer), **arguments)
            tensor = _attempt(path, merge, tensors)
        else:
            tensor = _attempt(path, _maker(1)(layer, (*below, index)), tensor)
    return tensor


def _maker(steps_per_epoch: int) -> Callable[[KerasSpec, KeyPath], Any]:
    """A function that makes the Keras object that a config names at a path."""

    def make(thing: KerasSpec, path: KeyPath) -> Any:
        path = (*path, thing.class_name)
        arguments = {name: value(item, (*path, name)) for name, item in thing.config.items()}
        return _attempt(path, _class(thing), **arguments)

    def value(item: Any, path: KeyPath) -> Any:
        match item:
            case KerasSpec():
                return make(item, path)
            case Epochs():
                return max(1, round(item.number * steps_per_epoch))
            case list():
                return [value(each, (*path, index)) for index, each in enumerate(item)]
        return item

    return make


def _class(thing: KerasSpec) -> Any:
    return attrgetter(f"{thing.module}.{thing.class_name}")(keras)


def _attempt(path: KeyPath, function: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
    try:
        return function(*arguments, **keywords)
    except REFUSALS as error:
        raise RefusedError(path, error_reason(error)) from error
