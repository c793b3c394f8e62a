"""The metrics of a run, as people read them."""

import re
from typing import Any

import pytest

from mnist_pipeline.cli.display.evaluation import evaluation, overlap_message, summary_line
from tests.cli.display.cells import cells, text

METRICS: dict[str, Any] = {
    "run": "smoke-1", "dataset": "mnist", "split": "test", "samples": 1000, "loss": 0.12345, "accuracy": 0.9713,
    "accuracy_ci95": [0.9591, 0.98], "ece": 0.01,
    "per_class": [
        {"answer": "no", "precision": 1.0, "recall": 0.5, "f1": 2 / 3, "support": 600},
        {"answer": "yes", "precision": 0.25, "recall": 0.75, "f1": 0.375, "support": 400},
    ],
    "confusion_matrix": [[600, 0], [29, 371]],
}  # fmt: skip


def test_the_metrics_in_one_line() -> None:
    line = "smoke-1: accuracy 97.13 % (95 % interval 95.91 – 98.00 %), loss 0.1235, on 1,000 test images"
    assert summary_line(METRICS) == line.replace("0.1235", f"{0.12345:.4f}")


def test_the_error_of_a_value_is_in_the_line() -> None:
    assert "mean absolute error 0.5000" in summary_line(METRICS | {"mae": 0.5})


def test_a_loss_that_is_not_finite_is_named_so() -> None:
    assert ", loss not finite, on " in summary_line(METRICS | {"loss": None})


def test_metrics_that_a_task_lacks_are_not_shown() -> None:
    output = "".join(map(text, evaluation(METRICS | {"ece": None, "mse": 2.0, "mae": 1.0})))
    assert "ECE" not in output
    assert "ROC" not in output
    assert re.search("mean squared error +2.0000", output)


def test_the_classes_and_the_confusion_matrix_are_tables() -> None:
    line, others, classes, confusion = evaluation(METRICS | {"auc": 0.5})
    assert line == summary_line(METRICS)
    assert re.search(r"calibration error \(ECE\) +0.0100", text(others))
    assert re.search("area under ROC +0.5000", text(others))
    assert cells(classes)[1] == ["no", "1.0000", "0.5000", "0.6667", "600"]
    assert cells(confusion) == [["true\\pred", "no", "yes"], ["no", "600", "·"], ["yes", "29", "371"]]


def test_the_confusion_matrix_of_mnist_fits_into_60_columns() -> None:
    classes = [{"digit": digit, "precision": 1.0} for digit in range(10)]
    counts = [[6742 if predicted == true else 1000 for predicted in range(10)] for true in range(10)]
    *_, confusion = evaluation(METRICS | {"per_class": classes, "confusion_matrix": counts})
    lines = text(confusion, 60).splitlines()
    assert all(len(line) <= 60 for line in lines)
    assert [line.split() for line in lines if line.strip(" ─")][4] == ["3", *map(str, counts[3])]


@pytest.mark.parametrize(("counts", "warning"), [
    ((30, 0), "was trained on 30. "), ((0, 20), "was validated with 20. "),
    ((1030, 20), "was trained on 1,030 and validated with 20. "),
])  # fmt: skip
def test_images_that_the_run_was_trained_on_are_counted(counts: tuple[int, int], warning: str) -> None:
    message = overlap_message(METRICS | dict(zip(("trained_on", "validated_on"), counts, strict=True)))
    assert message is not None
    assert message.startswith(f"Warning: of these 1,000 images, smoke-1 {warning}")


def test_images_that_the_run_was_not_trained_on_need_no_message() -> None:
    assert overlap_message(METRICS | {"trained_on": 0, "validated_on": 0}) is None


def test_images_that_cannot_be_counted_are_reported_with_the_reason() -> None:
    unknown = {"trained_on": None, "validated_on": None, "trained_on_unknown": "no such file"}
    assert overlap_message(METRICS | unknown) == (
        "Unknown whether the run was trained on some of these images: no such file"
    )
