"""Build the compiled Keras model that a config describes.

Its input is raw pixels, (n, 28, 28), 0–255.
"""

from collections.abc import Callable
from typing import Any

from mnist_pipeline.config.keras.spec import KerasSpec
from mnist_pipeline.config.schema import Config
from mnist_pipeline.config.yaml.document import KeyPath
from mnist_pipeline.framework import keras
from mnist_pipeline.tasks import BINARY, metric_activation, metric_arguments
from mnist_pipeline.training.keras_objects import call_keras, create_keras_object, keras_class
from mnist_pipeline.training.schedules import with_steps

PIXELS = (28, 28)


def build(config: Config, steps_per_epoch: int) -> keras.Model:
    """The compiled model that `config` describes.

    Raises KerasRefusedError where Keras refuses a value. Scaling to 0–1 and the channel axis come before its layers, so
    they are part of every saved model.
    """
    pixels = keras.Input(PIXELS, name="pixels")
    scaled = keras.layers.Rescaling(1 / 255, name="scale")(pixels)
    images = keras.layers.Reshape((*PIXELS, 1), name="channel")(scaled)
    model = keras.Model(pixels, _apply(config.model.layers, images, ("model", "layers")), name="digits")
    compile_model(
        model, config, optimizer=create_keras_object(with_steps(config.optimizer, steps_per_epoch), ("optimizer",))
    )
    return model


def compile_model(model: keras.Model, config: Config, **arguments: Any) -> None:
    """Compile `model` with the loss and metrics of `config`. Raises KerasRefusedError."""
    model.compile(loss=create_keras_object(config.loss, ("loss",)), metrics=build_metrics(config), **arguments)


def build_metrics(config: Config) -> list[keras.metrics.Metric]:
    """The metrics of `config`.

    Those that take probabilities convert the outputs as the loss does.
    """
    return [_metric(metric, config, ("metrics", index)) for index, metric in enumerate(config.metrics)]


def build_callbacks(config: Config) -> list[keras.callbacks.Callback]:
    """The callbacks that `config` names, in its order. Raises KerasRefusedError."""
    return [create_keras_object(callback, ("callbacks", index)) for index, callback in enumerate(config.callbacks)]


def _metric(spec: KerasSpec, config: Config, path: KeyPath) -> keras.metrics.Metric:
    spec, task = _accuracy(spec, config), config.task
    arguments = metric_arguments(spec.class_name, spec.config, task)
    metric = create_keras_object(KerasSpec("metrics", spec.class_name, arguments), path)
    activation = metric_activation(spec.class_name, spec.config, task)
    return _after(metric, getattr(keras.ops, activation)) if activation else metric


def _accuracy(metric: KerasSpec, config: Config) -> KerasSpec:
    """For `accuracy`, the class of the task, as Keras chooses it."""
    if metric.class_name != "accuracy":
        return metric
    if config.data.kind == BINARY:
        return KerasSpec("metrics", "BinaryAccuracy", metric.config | {"threshold": None})
    name = "SparseCategoricalAccuracy" if config.sparse_labels else "CategoricalAccuracy"
    return KerasSpec("metrics", name, metric.config)


def _after(metric: keras.metrics.Metric, activation: Callable[[Any], Any]) -> keras.metrics.Metric:
    """`metric` of the outputs after `activation`.

    Its class stays Keras' own, so plain Keras loads the model.
    """
    update = metric.update_state

    def update_state(y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        return update(y_true, activation(y_pred), sample_weight)

    metric.update_state = update_state
    return metric


def _apply(layers: list[KerasSpec], tensor: Any, below: KeyPath) -> Any:
    """The output of `layers`, one after another, for `tensor`."""
    for index, layer in enumerate(layers):
        path = (*below, index, layer.class_name)
        if "branches" in layer.config:
            arguments = {name: value for name, value in layer.config.items() if name != "branches"}
            branches = layer.config["branches"]
            tensors = [_apply(branch, tensor, (*path, "branches", number)) for number, branch in enumerate(branches)]
            merge = call_keras(path, keras_class(layer), **arguments)
            tensor = call_keras(path, merge, tensors)
        else:
            tensor = call_keras(path, create_keras_object(layer, (*below, index)), tensor)
    return tensor
