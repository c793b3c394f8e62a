"""What fits together in a config, and what is unwise, found before anything is built.

A rule names the sections it looks at as its parameters, and yields what it finds. It is asked only when those
sections are sound, so that one mistake does not hide the others.
"""

import inspect
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mnist_pipeline.config import network
from mnist_pipeline.config.keras.catalog.losses import SPARSE_LOSSES
from mnist_pipeline.config.keras.spec import KerasSpec
from mnist_pipeline.config.lint.finding import Finding, error, warning
from mnist_pipeline.config.lint.optimizer import (
    callbacks_fit_optimizer,
    gradients_are_clipped_once,
    learning_rate_is_wise,
    schedule_fits,
)
from mnist_pipeline.config.schema import Data, Model, Training
from mnist_pipeline.config.shapes.infer import LayerShape, infer_shapes
from mnist_pipeline.config.shapes.shape import Shape, ShapeError, format_shape
from mnist_pipeline.config.suggestions import suggest
from mnist_pipeline.tasks import BINARY_CROSSENTROPIES as YES_OR_NO
from mnist_pipeline.tasks import HINGES as MARGIN

MAX_PARAMS = 500_000_000
MAX_OUTPUT_VALUES = 10_000_000

DISTRIBUTION = {"CategoricalCrossentropy", "CategoricalFocalCrossentropy", "KLDivergence"} | SPARSE_LOSSES
DISTANCE = {"MeanSquaredError", "MeanAbsoluteError", "Huber", "LogCosh", "MeanSquaredLogarithmicError", "Poisson"}
FITTING_LOSSES = {
    "digit": DISTRIBUTION | YES_OR_NO | DISTANCE | MARGIN | {"CategoricalHinge", "CosineSimilarity"},
    "positive": YES_OR_NO | DISTANCE | MARGIN,
    "value": DISTANCE | {"MeanAbsolutePercentageError"},
}
USUAL_LOSS = {
    "digit": "categorical_crossentropy",
    "positive": "binary_crossentropy",
    "value": "mean_squared_error",
}
ANSWERS = {"digit": "one of 10 digits", "positive": "yes or no", "value": "a number"}

ONE_HOT_METRICS = {"CategoricalAccuracy", "TopKCategoricalAccuracy", "F1Score", "FBetaScore", "CategoricalCrossentropy",
                   "CategoricalHinge", "KLDivergence", "AUC", "Precision", "Recall"}  # fmt: skip
SPARSE_METRICS = {"SparseCategoricalAccuracy", "SparseTopKCategoricalAccuracy", "SparseCategoricalCrossentropy"}
CLASS_METRICS = ONE_HOT_METRICS | SPARSE_METRICS | {"accuracy", "BinaryAccuracy", "BinaryCrossentropy"}
COUNT_METRICS = {
    "TruePositives",
    "TrueNegatives",
    "FalsePositives",
    "FalseNegatives",
}  # Keras knows no better end of them


def shapes_fit(model: Model, data: Data) -> Iterator[Finding]:
    """Every layer can work on what the one before gives, and the last gives what the target needs."""
    try:
        rows = list(infer_shapes(model.layers))
    except ShapeError as misfit:
        yield error(("model", "layers", *misfit.path), str(misfit))
        return
    weights = sum(row.params for row in rows)
    if weights > MAX_PARAMS:
        gibibytes = weights * 16 / 2**30  # weight, gradient and two optimizer slots of 4 bytes
        yield error(("model", "layers"), f"{weights:,} weights would need about {gibibytes:,.0f} GiB to train")
    for row in rows:
        values = math.prod(row.shape)
        if values > MAX_OUTPUT_VALUES:
            yield error(
                ("model", "layers", *row.path), f"{values:,} values would come out of this layer for each image"
            )
            return
    end, wanted = rows[-1], (10 if data.kind == "digit" else 1,)
    if end.shape == wanted:
        return
    dense = next((row for row in rows if row.layer.class_name == "Dense" and len(row.shape) > 1), None)
    if len(end.shape) > 1 and dense:
        yield error(("model", "layers", *dense.path), _flat_first(model, dense, wanted))
        return
    mend = f"End with Dense: {wanted[0]}"
    if len(end.shape) > 1:
        mend = f"Put Flatten or GlobalAveragePooling2D before the last Dense: {wanted[0]}"
    shapes = f"the last layer gives {format_shape(end.shape)}, and the answer, {ANSWERS[data.kind]}, needs"
    yield error(("model", "layers", *end.path), f"{shapes} {format_shape(wanted)}. {mend}")


def _flat_first(model: Model, dense: LayerShape, wanted: Shape) -> str:
    """What to say of the first Dense that is given a picture, where the answer ends up as one."""
    convolves = any(each.layer.class_name in network.CONVOLUTIONS for each in network.all_layers(model.layers))
    mend = "Flatten or GlobalAveragePooling2D" if convolves else "Flatten"
    given = "picture" if len(dense.shape) == 3 else "sequence"
    return (
        f"Dense is given a {given} here, not a row of values: it gives {format_shape(dense.shape)}, and the last layer "
        f"has to give {format_shape(wanted)}. Put {mend} before it"
    )


def loss_fits_target(loss: KerasSpec, data: Data) -> Iterator[Finding]:
    """The loss can compare what the target is."""
    if loss.class_name not in FITTING_LOSSES[data.kind]:
        message = f"{loss.class_name} does not fit data.target, which is {ANSWERS[data.kind]}. "
        yield error(("loss",), message + f"The usual loss for it is {USUAL_LOSS[data.kind]}")


def output_fits_loss(model: Model, loss: KerasSpec, data: Data) -> Iterator[Finding]:
    """The last activation gives what the loss expects."""
    index, activation = network.output_activation(model.layers)
    path = ("model", "layers", index, model.layers[index].class_name, "activation")
    name, logits = loss.class_name, loss.config.get("from_logits", False)
    natural = "softmax" if name in DISTRIBUTION else "sigmoid"
    if name not in FITTING_LOSSES[data.kind]:
        return
    if activation == "softmax" and data.kind != "digit":
        yield error(path, "softmax over a single output is always 1. Use sigmoid for yes or no, none for a value")
    elif data.kind == "value" and activation in network.PROBABILITIES | {"tanh"}:
        yield warning(path, f"{activation} never gets beyond 1, and the digits go to 9. Leave the activation out")
    elif name == "Poisson" and activation in ("linear", "tanh"):
        message = f"Poisson takes the logarithm of the answer, and {activation} goes below zero. Use softplus"
        yield warning(path, message)
    elif activation in network.SQUASHING and name in DISTANCE - {"Poisson"} and data.kind != "value":
        message = (
            f"{activation} with {name} learns slowly: where an answer is sure and wrong, hardly any gradient is left"
        )
        yield warning(path, f"{message}. Use {USUAL_LOSS[data.kind]}")
    elif activation is None or name not in DISTRIBUTION | YES_OR_NO:
        return
    elif logits and activation in network.PROBABILITIES:
        yield warning(path, f"{activation} here and from_logits: true in the loss apply it twice. Keep one of them")
    elif not logits and activation not in network.PROBABILITIES:
        message = f"{name} needs probabilities, and {activation} gives any number. Use activation: {natural}"
        yield error(path, message + network.logits_advice(loss))
    elif not logits and activation != natural and data.kind == "digit":
        yield warning(path, f"{name} is meant for {natural}, not for {activation}")


def metrics_fit_target(metrics: list[KerasSpec], loss: KerasSpec, data: Data) -> Iterator[Finding]:
    """The metrics can be computed from the labels that the loss gets."""
    outputs = 10 if data.kind == "digit" else 1
    for index, metric in enumerate(metrics):
        path, name = ("metrics", index), metric.class_name
        if data.kind == "value" and name in CLASS_METRICS:
            yield error(path, f"{name} judges classes, and data.target is a number. The usual metric for it is mae")
        elif data.kind == "positive" and name in (ONE_HOT_METRICS | SPARSE_METRICS) - {"AUC", "Precision", "Recall"}:
            yield error(path, f"{name} judges many classes, and data.target is yes or no. The usual metric is accuracy")
        elif data.kind == "digit" and name not in SPARSE_METRICS | {"accuracy"} and loss.class_name in SPARSE_LOSSES:
            yield error(path, f"{name} needs one-hot labels, and {loss.class_name} gets them as numbers")
        elif max(metric.config.get("class_id") or 0, (metric.config.get("top_k") or 1) - 1) >= outputs:
            yield error(path, f"{name} asks for more than there is: the model has {outputs} outputs, counted from 0")
        elif data.kind == "digit" and name in SPARSE_METRICS and loss.class_name not in SPARSE_LOSSES:
            yield error(path, f"{name} needs labels as numbers, and {loss.class_name} gets them one-hot")


def figures_have_names_of_their_own(metrics: list[KerasSpec]) -> Iterator[Finding]:
    """Each figure has a column of the history for itself."""
    taken = {"loss", "learning_rate", "epoch"}
    for index, metric in enumerate(metrics):
        name = metric.config["name"]
        if name.startswith("val_"):
            yield error(("metrics", index), f"names that begin with val_ are those of validation. Rename '{name}'")
        elif name in taken:
            yield error(("metrics", index), f"another figure is called '{name}' already. Give this one another name")
        taken.add(name)


def monitored_figures_exist(metrics: list[KerasSpec], callbacks: list[KerasSpec], data: Data) -> Iterator[Finding]:
    """A callback watches a figure that there will be."""
    watched = ["loss", *(metric.config["name"] for metric in metrics)]
    known = watched + ([f"val_{name}" for name in watched] if data.validation_split else [])
    counts = {metric.config["name"] for metric in metrics if metric.class_name in COUNT_METRICS}
    for index, callback in enumerate(callbacks):
        monitor = callback.config.get("monitor")
        if monitor and monitor.removeprefix("val_") in counts and callback.config["mode"] == "auto":
            message = f"mode: auto does not work for {monitor}. Write mode: max or mode: min"
            yield error(("callbacks", index, callback.class_name), message)
        if monitor is None or monitor in known:
            continue
        path = ("callbacks", index, callback.class_name, "monitor")
        if monitor.startswith("val_") and not data.validation_split:
            yield error(path, f"there is no {monitor} where validation_split is 0. Monitor loss, or keep a part")
        else:
            meant = suggest(monitor, known)
            rest = f"Did you mean '{meant}'?" if meant else f"Known: {', '.join(known)}"
            yield error(path, f"'{monitor}' is not among the figures of this config. {rest}")


def patience_is_reachable(callbacks: list[KerasSpec], training: Training) -> Iterator[Finding]:
    """Patience ends before the training does, and the learning rate falls before the training is stopped."""
    stops = min((each.config["patience"] for each in callbacks if each.class_name == "EarlyStopping"), default=None)
    for index, callback in enumerate(callbacks):
        path = ("callbacks", index, callback.class_name, "patience")
        name, wait = callback.class_name, callback.config.get("patience", 0)
        if wait >= training.epochs:
            yield warning(path, f"{name} waits for {wait} epochs, and there are only {training.epochs}: it never acts")
        elif name == "ReduceLROnPlateau" and stops is not None and wait >= stops:
            yield warning(path, "EarlyStopping stops before the learning rate is ever reduced. Give it more patience")


def network_is_wise(model: Model) -> Iterator[Finding]:
    """Nothing in the network is known to hinder learning."""
    for index, message in network.unwise_layers(model.layers):
        yield warning(("model", "layers", index, model.layers[index].class_name), message)


def pictures_suit_augmentation(model: Model, data: Data) -> Iterator[Finding]:
    """Augmentation knows the range of the pixels, and keeps a digit the same digit."""
    for row in network.all_layers(model.layers):
        path, layer = ("model", "layers", *row.path), row.layer
        values = network.pixel_range(model.layers, int(row.path[0]))
        if layer.config.get("value_range", values) != values:
            low, high = (f"{value:g}" for value in values)
            given = f"pixels scaled to {low} - {high}"
            yield error((*path, "value_range"), f"{layer.class_name} is given {given}: value_range: [{low}, {high}]")
        if layer.class_name == "RandomFlip" and data.dataset != "fashion_mnist":
            yield warning(path, "a mirrored 2 is not a 2. RandomFlip suits clothes (fashion_mnist), not digits")


LINT_RULES: tuple[Callable[..., Iterator[Finding]], ...] = (
    shapes_fit,
    loss_fits_target,
    output_fits_loss,
    metrics_fit_target,
    figures_have_names_of_their_own,
    monitored_figures_exist,
    callbacks_fit_optimizer,
    patience_is_reachable,
    gradients_are_clipped_once,
    schedule_fits,
    learning_rate_is_wise,
    network_is_wise,
    pictures_suit_augmentation,
)


def lint(sections: Mapping[str, Any]) -> list[Finding]:
    """What every rule finds whose sections are all there."""
    found: list[Finding] = []
    for rule in LINT_RULES:
        names = list(inspect.signature(rule).parameters)
        if all(name in sections for name in names):
            found += rule(**{name: sections[name] for name in names})
    return found
