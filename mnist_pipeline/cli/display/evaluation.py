"""Metrics of a run, as a line and tables for people."""

from typing import Any

from mnist_pipeline.cli.display.tables import Renderable, Row, key_values, percent, table
from mnist_pipeline.terminal import in_one_line

Metrics = dict[str, Any]

# Name -> key of metrics.json, for metrics that not every task has.
TASK_METRICS = {
    "calibration error (ECE)": "ece", "area under ROC": "auc", "mean squared error": "mse",
    "mean absolute error": "mae",
}  # fmt: skip


def summary_line(metrics: Metrics) -> str:
    """Run, accuracy with its interval, loss and number of images."""
    low, high = metrics["accuracy_ci95"]
    accuracy = f"accuracy {percent(metrics['accuracy'])} (95 % interval {100 * low:.2f} – {100 * high:.2f} %)"
    error = f", mean absolute error {metrics['mae']:.4f}" if "mae" in metrics else ""
    loss = "not finite" if metrics["loss"] is None else f"{metrics['loss']:.4f}"
    images = f"{metrics['samples']:,} {metrics['split']} images"
    return in_one_line(f"{metrics['run']}: {accuracy}{error}, loss {loss}, on {images}")


def evaluation(metrics: Metrics) -> list[str | Renderable]:
    """The summary line, then tables: metrics, metrics of each class, confusion matrix."""
    others = {name: metrics[key] for name, key in TASK_METRICS.items() if metrics.get(key) is not None}
    return [
        summary_line(metrics),
        key_values({name: f"{value:.4f}" for name, value in others.items()}),
        table(_class_row(row) for row in metrics["per_class"]),
        table(_confusion_rows(metrics)),
    ]


def _class_row(row: Row) -> Row:
    return {name: f"{value:.4f}" if isinstance(value, float) else str(value) for name, value in row.items()}


def _confusion_rows(metrics: Metrics) -> list[Row]:
    names = [str(next(iter(row.values()))) for row in metrics["per_class"]]
    return [
        {"true\\pred": name, **dict(zip(names, (count or "·" for count in counts), strict=True))}
        for name, counts in zip(names, metrics["confusion_matrix"], strict=True)
    ]


def overlap_message(metrics: Metrics) -> str | None:
    """Message that the run was trained on some of the images; None if on none of them."""
    if metrics["trained_on"] is None:
        return f"Unknown whether the run was trained on some of these images: {metrics['trained_on_unknown']}"
    counts = {"trained on": metrics["trained_on"], "validated with": metrics["validated_on"]}
    seen = " and ".join(f"{verb} {count:,}" for verb, count in counts.items() if count)
    if not seen:
        return None
    return (
        f"Warning: of these {metrics['samples']:,} images, {metrics['run']} was {seen}. "
        "The metrics do not show how it does on images it has not seen"
    )
