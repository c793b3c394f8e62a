"""What people and other programs read: tables, lines and CSV."""

import csv
import io
import re
import sys
from typing import Any

import pytest

from mnist_pipeline.cli import display

DIGIT = {"image": "a.png", "digit": 3, "confidence": 0.7, "probabilities": [0, 0.05, 0, 0.7, 0, 0.2, 0, 0, 0.05, 0]}
YES = {"image": "a.png", "answer": "yes", "confidence": 0.9713, "probabilities": [0.0287, 0.9713]}
VALUE = {"image": "a.png", "value": 2.718281828, "digit": 3}


def text(thing: str | display.Drawn, width: int = 200) -> str:
    return thing if isinstance(thing, str) else "\n".join(thing(width))


def words(thing: display.Drawn) -> list[list[str]]:
    """The cells of a table that are not empty, row by row, without its lines."""
    lines = [line for line in text(thing).splitlines() if line.strip(" ─")]
    return [re.split(r" {2,}", line.strip()) for line in lines]


def test_digits_are_shown_with_the_next_likeliest() -> None:
    head, row = words(display.predictions([DIGIT], top=3))
    assert head == ["image", "digit", "confidence", "2.", "3."]
    assert row == ["a.png", "3", "70.00 %", "5 (20.00 %)", "1 (5.00 %)"]


@pytest.mark.parametrize("top", range(1, 11))
def test_as_many_digits_are_shown_as_asked_for(top: int) -> None:
    head, _ = words(display.predictions([DIGIT], top))
    assert head == ["image", "digit", "confidence", *(f"{place}." for place in range(2, top + 1))]


def test_the_digit_that_is_answered_is_not_shown_again_where_two_are_as_likely() -> None:
    tied = DIGIT | {"digit": 1, "probabilities": [0, 0.5, 0, 0, 0, 0.5, 0, 0, 0, 0], "confidence": 0.5}
    _, row = words(display.predictions([tied], top=2))
    assert row == ["a.png", "1", "50.00 %", "5 (50.00 %)"]


def test_yes_or_no_is_shown_with_its_confidence() -> None:
    assert words(display.predictions([YES], top=3)) == [["image", "answer", "confidence"], ["a.png", "yes", "97.13 %"]]


def test_a_value_is_shown_with_its_digit() -> None:
    assert words(display.predictions([VALUE], top=3)) == [["image", "value", "digit"], ["a.png", "2.72", "3"]]


@pytest.mark.parametrize("answer", [DIGIT, YES, VALUE], ids=["digit", "yes or no", "value"])
def test_the_truth_is_the_last_column(answer: dict[str, Any]) -> None:
    head, row = words(display.predictions([answer | {"label": "truth"}], top=1))
    assert (head[-1], row[-1]) == ("label", "truth")


def test_a_name_in_brackets_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    display.show(display.predictions([DIGIT | {"image": "[bold]scan[/] :smile:.png"}], top=1))
    assert "[bold]scan[/] :smile:.png" in capsys.readouterr().out


def read(answers: list[dict[str, Any]]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(display.predictions_csv(answers))))


def test_csv_has_a_column_for_each_probability() -> None:
    (row,) = read([DIGIT])
    assert list(row) == ["image", "digit", "confidence", *(f"p{digit}" for digit in range(10))]
    assert [float(row[f"p{digit}"]) for digit in range(10)] == DIGIT["probabilities"]
    assert (row["image"], row["digit"], row["confidence"]) == ("a.png", "3", "0.7")


@pytest.mark.parametrize(
    ("answer", "columns"),
    [(YES, ["image", "answer", "confidence", "p0", "p1"]), (VALUE, ["image", "value", "digit"])],
    ids=["yes or no", "value"],
)
def test_csv_of_another_target_has_its_columns(answer: dict[str, Any], columns: list[str]) -> None:
    (row,) = read([answer])
    assert list(row) == columns


def test_csv_keeps_the_truth() -> None:
    (row,) = read([DIGIT | {"label": 8}])
    assert row["label"] == "8"


def test_csv_quotes_what_a_name_may_hold() -> None:
    name = 'one, "two"\nthree.png'
    assert [row["image"] for row in read([DIGIT | {"image": name}, DIGIT])] == [name, "a.png"]


def test_csv_of_nothing_is_its_head() -> None:
    assert display.predictions_csv([]) == "image\n"


FIGURES: dict[str, Any] = {
    "run": "smoke-1", "dataset": "mnist", "split": "test", "samples": 1000, "loss": 0.12345, "accuracy": 0.9713,
    "accuracy_ci95": [0.9591, 0.98], "ece": 0.01,
    "per_class": [
        {"answer": "no", "precision": 1.0, "recall": 0.5, "f1": 2 / 3, "support": 600},
        {"answer": "yes", "precision": 0.25, "recall": 0.75, "f1": 0.375, "support": 400},
    ],
    "confusion_matrix": [[600, 0], [29, 371]],
}  # fmt: skip


def test_the_figures_in_one_line() -> None:
    said = "accuracy 97.13 % (95 % interval 95.91 – 98.00 %), loss 0.1235, on 1,000 test images"
    assert display.summary_line(FIGURES) == said.replace("0.1235", f"{0.12345:.4f}")


def test_the_error_of_a_value_is_in_the_line() -> None:
    assert "mean absolute error 0.5000" in display.summary_line(FIGURES | {"mae": 0.5})


def test_figures_that_are_not_there_are_not_shown() -> None:
    shown = "".join(map(text, display.evaluation(FIGURES | {"ece": None, "mse": 2.0, "mae": 1.0})))
    assert "ECE" not in shown
    assert "ROC" not in shown
    assert re.search("mean squared error +2.0000", shown)


def test_the_classes_and_what_was_taken_for_what_are_tables() -> None:
    line, facts, classes, confusion = display.evaluation(FIGURES | {"auc": 0.5})
    assert line.startswith("smoke-1: accuracy 97.13 %")
    assert re.search(r"calibration error \(ECE\) +0.0100", text(facts))
    assert re.search("area under ROC +0.5000", text(facts))
    assert words(classes)[1] == ["no", "1.0000", "0.5000", "0.6667", "600"]
    assert words(confusion) == [["true\\said", "no", "yes"], ["no", "600", "·"], ["yes", "29", "371"]]


def test_what_is_unknown_is_left_empty() -> None:
    rows = [{"run": "a", "epochs": None, "loss": "0.1"}, {"run": "b", "epochs": 3, "loss": None}]
    assert words(display.table(rows)) == [["run", "epochs", "loss"], ["a", "0.1"], ["b", "3"]]


def test_what_only_some_rows_have_is_left_empty_in_the_others() -> None:
    assert words(display.table([{"a": 1}, {"a": 2, "b": 3}, {"b": 4}])) == [["a", "b"], ["1"], ["2", "3"], ["4"]]


def test_a_table_of_nothing_is_empty() -> None:
    assert text(display.table([])).strip() == ""


def test_facts_stand_in_two_columns() -> None:
    assert words(display.key_values({"name": "mnist", "images": 3})) == [["name", "mnist"], ["images", "3"]]


@pytest.mark.parametrize(("share", "said"), [(0, "0.00 %"), (1, "100.00 %"), (0.97135, "97.14 %"), (1e-9, "0.00 %")])
def test_shares_are_said_in_per_cent(share: float, said: str) -> None:
    assert display.percent(share) == said


def test_a_pipe_is_as_wide_as_its_widest_table(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    display.show(display.predictions([DIGIT | {"image": "scans/of/last/week/digit-0001.png"}], top=10))
    said = capsys.readouterr().out
    assert "scans/of/last/week/digit-0001.png" in said
    assert "10." in said
    assert "…" not in said


NAME = "batchnorm-with-a-long-name-20261122-093000"
RUNS = [{"run": NAME, "status": "finished", "epochs": 12, "seconds": 8.123, "weights": 34826, "accuracy": "0.9660",
         "loss": None}]  # fmt: skip


def shown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: int, *things: Any) -> list[str]:
    """The lines on a terminal of so many columns."""
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    display.show(*things)
    return capsys.readouterr().out.splitlines()


def test_a_table_that_fits_stands_wide(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(capsys, monkeypatch, 120, display.table(RUNS, left=["run", "status"]))
    assert f" {NAME}   finished       12     8.123     34826     0.9660" in [line.rstrip() for line in lines]


def test_a_table_that_nearly_fits_stands_closer(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = shown(capsys, monkeypatch, 92, display.table(RUNS, left=["run", "status"]))
    assert f"{NAME} finished     12   8.123   34826   0.9660" in [line.rstrip() for line in lines]


@pytest.mark.parametrize("columns", [80, 60, 30])
def test_a_run_has_lines_of_its_own_where_a_table_is_too_wide_and_its_name_stays_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    first, *rest = shown(capsys, monkeypatch, columns, display.table(RUNS, left=["run", "status"]))
    assert first == NAME
    assert " ".join(" ".join(rest).split()) == "status finished epochs 12 seconds 8.123 weights 34826 accuracy 0.9660"
    assert all(len(line) <= columns for line in rest)


def test_the_confusion_table_of_all_of_mnist_is_whole_at_60_columns(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    classes = [{"digit": digit, "precision": 1.0} for digit in range(10)]
    counts = [[6742 if said == true else 1000 for said in range(10)] for true in range(10)]
    *_, confusion = display.evaluation(FIGURES | {"per_class": classes, "confusion_matrix": counts})
    lines = shown(capsys, monkeypatch, 60, confusion)
    assert all(len(line.rstrip()) <= 60 for line in lines)
    assert [line.split() for line in lines if line.strip(" ─")][4] == ["3", *map(str, counts[3])]


@pytest.mark.parametrize("columns", [60, 24])
def test_names_of_classes_and_their_counts_are_whole_however_narrow(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    rows = [{"true\\said": "Ankle boot", **{f"T-shirt/top {number}": 1000 + number for number in range(10)}}]
    lines = shown(capsys, monkeypatch, columns, display.table(rows, left=["true\\said"]))
    said = " ".join(" ".join(lines).split())
    assert said == " ".join(["Ankle boot", *(f"T-shirt/top {number} {1000 + number}" for number in range(10))])
    assert all(len(line) <= columns for line in lines)


def test_a_row_without_a_name_says_what_its_first_figure_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"digit": 3, "precision": "0.9900", "recall": "0.9800"}]
    assert shown(capsys, monkeypatch, 20, display.table(rows)) == ["digit 3", "  precision 0.9900", "  recall 0.9800"]


def test_wide_characters_take_two_columns(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"image": "数" * 30, "digit": 1}]
    assert shown(capsys, monkeypatch, 60, display.table(rows, left=["image"])) == ["数" * 30, "  digit 1"]


def test_a_long_line_and_a_long_path_are_left_to_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "/a" * 50
    facts = display.key_values({"origin": path, "note": "some words " * 10})
    lines = shown(capsys, monkeypatch, 40, f"{NAME}: accuracy", facts, "x" * 90)
    assert lines[0] == f"{NAME}: accuracy"
    assert path in lines[1]
    assert lines[-1] == "x" * 90


@pytest.mark.parametrize(("terminal", "columns"), [(False, display.WIDEST), (True, 70)])
def test_the_width_is_that_of_the_terminal(monkeypatch: pytest.MonkeyPatch, terminal: bool, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    assert display.width() == columns


def test_facts_that_are_too_wide_go_on_below_and_their_words_stay_whole() -> None:
    drawn = display.key_values({"数字": "one two three", "é": "数字 a-long-word"})
    assert text(drawn, 14).splitlines() == ["数字  one two", "      three", "é     数字", "      a-long-word"]
