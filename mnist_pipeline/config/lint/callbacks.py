"""Rules about callbacks, and the names of the metrics that they monitor."""

from collections.abc import Iterator

from mnist_pipeline.config.keras.spec import KerasSpec
from mnist_pipeline.config.lint.finding import Finding, error, warning
from mnist_pipeline.config.schema import Data, Training
from mnist_pipeline.config.suggestions import suggest

COLUMNS = {"loss", "learning_rate", "epoch"}  # of the history, besides the metrics

# Keras does not know whether larger is better.
COUNT_METRICS = {"TruePositives", "TrueNegatives", "FalsePositives", "FalseNegatives"}


def metric_names_are_unique(metrics: list[KerasSpec]) -> Iterator[Finding]:
    """Each metric has a column of the history for itself."""
    names = set(COLUMNS)
    for index, metric in enumerate(metrics):
        name = metric.config["name"]
        if name.startswith("val_"):
            message = f"'{name}': names that begin with val_ are those of validation. Choose another name"
            yield error(("metrics", index), message)
        elif name in names:
            yield error(("metrics", index), f"the name '{name}' is taken. Give this metric another one, with name: …")
        names.add(name)


def monitored_metrics_exist(metrics: list[KerasSpec], callbacks: list[KerasSpec], data: Data) -> Iterator[Finding]:
    """Callbacks monitor metrics of this config, and know whether larger is better."""
    training = ["loss", *(metric.config["name"] for metric in metrics)]
    names = training + ([f"val_{name}" for name in training] if data.validation_split else [])
    counts = {metric.config["name"] for metric in metrics if metric.class_name in COUNT_METRICS}
    for index, callback in enumerate(callbacks):
        path = ("callbacks", index, callback.class_name)
        monitor = callback.config.get("monitor")
        if monitor is None:
            continue
        if monitor.removeprefix("val_") in counts and callback.config["mode"] == "auto":
            message = f"mode: auto does not know whether a larger {monitor} is better. Write mode: max or mode: min"
            yield error(path, message)
        if monitor not in names:
            yield error((*path, "monitor"), _unknown_metric(monitor, names, data))


def _unknown_metric(monitor: str, names: list[str], data: Data) -> str:
    if monitor.startswith("val_") and not data.validation_split:
        return f"{monitor} is not computed with validation_split: 0. Monitor loss, or set validation_split"
    suggestion = suggest(monitor, names)
    rest = f"Did you mean '{suggestion}'?" if suggestion else f"Expected one of: {', '.join(names)}"
    return f"'{monitor}' is not a metric of this config. {rest}"


def patience_is_reachable(callbacks: list[KerasSpec], training: Training) -> Iterator[Finding]:
    """Patience ends before the training, and that of the learning rate before a stop."""
    stops = min((each.config["patience"] for each in callbacks if each.class_name == "EarlyStopping"), default=None)
    for index, callback in enumerate(callbacks):
        name, patience = callback.class_name, callback.config.get("patience", 0)
        path = ("callbacks", index, name, "patience")
        if patience >= training.epochs:
            message = f"{name} never acts: patience is {patience}, and training has {training.epochs} epochs"
            yield warning(path, f"{message}. Use a smaller patience")
        elif name == "ReduceLROnPlateau" and stops is not None and patience >= stops:
            yield warning(
                path, f"EarlyStopping, with patience: {stops}, stops before this. Use a smaller patience here"
            )


def callbacks_fit_optimizer(callbacks: list[KerasSpec], optimizer: KerasSpec) -> Iterator[Finding]:
    """Callbacks work with this optimizer."""
    for index, callback in enumerate(callbacks):
        path, name = ("callbacks", index, callback.class_name), callback.class_name
        if name == "ReduceLROnPlateau" and isinstance(optimizer.config["learning_rate"], KerasSpec):
            yield error(path, "ReduceLROnPlateau does not work with a learning-rate schedule. Remove one of them")
        if name == "SwapEMAWeights" and not optimizer.config["use_ema"]:
            message = f"SwapEMAWeights needs a moving average. Write {optimizer.class_name}: {{use_ema: true}}"
            yield error(path, message)
