"""Predictions as a table and as CSV."""

import csv
import io
from typing import Any

import pytest

from mnist_pipeline.cli import display
from mnist_pipeline.cli.display.predictions import predictions_csv, predictions_table
from tests.cli.display.cells import cells

DIGIT = {"image": "a.png", "digit": 3, "confidence": 0.7, "probabilities": [0, 0.05, 0, 0.7, 0, 0.2, 0, 0, 0.05, 0]}
CLASS = {"image": "a.png", "class": "Bag", "confidence": 0.75, "probabilities": [0.25, 0.75]}
BINARY = {"image": "a.png", "answer": "yes", "confidence": 0.9713, "probabilities": [0.0287, 0.9713]}
VALUE = {"image": "a.png", "value": 2.718281828, "digit": 3}


def test_digits_are_shown_with_the_next_likeliest() -> None:
    head, row = cells(predictions_table([DIGIT], top=3))
    assert head == ["image", "digit", "confidence", "2.", "3."]
    assert row == ["a.png", "3", "70.00 %", "5 (20.00 %)", "1 (5.00 %)"]


def test_classes_are_shown_by_name() -> None:
    head, row = cells(predictions_table([CLASS], top=2, class_names=["Coat", "Bag"]))
    assert head == ["image", "class", "confidence", "2."]
    assert row == ["a.png", "Bag", "75.00 %", "Coat (25.00 %)"]


@pytest.mark.parametrize("top", range(1, 11))
def test_the_table_has_as_many_digits_as_top(top: int) -> None:
    head, _ = cells(predictions_table([DIGIT], top))
    assert head == ["image", "digit", "confidence", *(f"{rank}." for rank in range(2, top + 1))]


def test_the_predicted_digit_is_not_repeated_where_two_are_equally_likely() -> None:
    tied = DIGIT | {"digit": 1, "probabilities": [0, 0.5, 0, 0, 0, 0.5, 0, 0, 0, 0], "confidence": 0.5}
    _, row = cells(predictions_table([tied], top=2))
    assert row == ["a.png", "1", "50.00 %", "5 (50.00 %)"]


def test_a_binary_prediction_is_shown_with_its_confidence() -> None:
    assert cells(predictions_table([BINARY], top=3)) == [["image", "answer", "confidence"], ["a.png", "yes", "97.13 %"]]


def test_a_value_is_shown_with_its_digit() -> None:
    assert cells(predictions_table([VALUE], top=3)) == [["image", "value", "digit"], ["a.png", "2.72", "3"]]


@pytest.mark.parametrize("prediction", [DIGIT, BINARY, VALUE], ids=["multiclass", "binary", "regression"])
def test_the_true_label_is_the_last_column(prediction: dict[str, Any]) -> None:
    head, row = cells(predictions_table([prediction | {"label": "truth"}], top=1))
    assert (head[-1], row[-1]) == ("label", "truth")


def test_a_name_in_brackets_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    display.show(predictions_table([DIGIT | {"image": "[bold]scan[/] :smile:.png"}], top=1))
    assert "[bold]scan[/] :smile:.png" in capsys.readouterr().out


def read(predictions: list[dict[str, Any]]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(predictions_csv(predictions))))


def test_csv_has_a_column_for_each_probability() -> None:
    (row,) = read([DIGIT])
    assert list(row) == ["image", "digit", "confidence", *(f"p{digit}" for digit in range(10))]
    assert [float(row[f"p{digit}"]) for digit in range(10)] == DIGIT["probabilities"]
    assert (row["image"], row["digit"], row["confidence"]) == ("a.png", "3", "0.7")


@pytest.mark.parametrize(
    ("prediction", "columns"),
    [(BINARY, ["image", "answer", "confidence", "p0", "p1"]), (VALUE, ["image", "value", "digit"])],
    ids=["binary", "regression"],
)
def test_csv_of_another_task_has_its_columns(prediction: dict[str, Any], columns: list[str]) -> None:
    (row,) = read([prediction])
    assert list(row) == columns


def test_csv_keeps_the_true_label() -> None:
    (row,) = read([DIGIT | {"label": 8}])
    assert row["label"] == "8"


def test_csv_quotes_what_a_name_may_hold() -> None:
    name = 'one, "two"\nthree.png'
    assert [row["image"] for row in read([DIGIT | {"image": name}, DIGIT])] == [name, "a.png"]


def test_csv_of_no_predictions_is_its_header() -> None:
    assert predictions_csv([]) == "image\n"
