"""Tables as wide as the terminal, in which nothing is cut."""

import sys
from typing import Any

import pytest

from mnist_pipeline.cli import display
from mnist_pipeline.cli.display import tables
from tests.cli.display.cells import cells, text


def test_a_missing_value_is_left_empty() -> None:
    rows = [{"run": "a", "epochs": None, "loss": "0.1"}, {"run": "b", "epochs": 3, "loss": None}]
    assert cells(display.table(rows)) == [["run", "epochs", "loss"], ["a", "0.1"], ["b", "3"]]


def test_a_column_of_some_rows_is_left_empty_in_the_others() -> None:
    assert cells(display.table([{"a": 1}, {"a": 2, "b": 3}, {"b": 4}])) == [["a", "b"], ["1"], ["2", "3"], ["4"]]


def test_a_table_without_rows_is_empty() -> None:
    assert text(display.table([])).strip() == ""


def test_keys_and_values_stand_in_two_columns() -> None:
    assert cells(display.key_values({"name": "mnist", "images": 3})) == [["name", "mnist"], ["images", "3"]]


@pytest.mark.parametrize(("share", "text"), [(0, "0.00 %"), (1, "100.00 %"), (0.97135, "97.14 %"), (1e-9, "0.00 %")])
def test_shares_are_shown_in_percent(share: float, text: str) -> None:
    assert display.percent(share) == text


def test_a_pipe_is_as_wide_as_its_widest_table(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    columns = {f"column {number}": "a long value" for number in range(10)}
    display.show(display.table([{"image": "scans/of/last/week/digit-0001.png", **columns}]))
    stdout = capsys.readouterr().out
    assert "scans/of/last/week/digit-0001.png" in stdout
    assert all(column in stdout.splitlines()[1] for column in columns)
    assert "…" not in stdout


NAME = "batchnorm-with-a-long-name-20261122-093000"
RUNS = [{"run": NAME, "status": "finished", "epochs": 12, "seconds": 8.123, "params": 34826, "accuracy": "0.9660",
         "loss": None}]  # fmt: skip


def lines_on_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: int, *blocks: Any
) -> list[str]:
    """The lines of `blocks` on a terminal with this number of columns."""
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    display.show(*blocks)
    return capsys.readouterr().out.splitlines()


def test_a_table_that_fits_stands_wide(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    lines = lines_on_terminal(capsys, monkeypatch, 120, display.table(RUNS, left=["run", "status"]))
    assert f" {NAME}   finished       12     8.123    34826     0.9660" in [line.rstrip() for line in lines]


def test_a_table_that_nearly_fits_stands_closer(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = lines_on_terminal(capsys, monkeypatch, 92, display.table(RUNS, left=["run", "status"]))
    assert f"{NAME} finished     12   8.123  34826   0.9660" in [line.rstrip() for line in lines]


@pytest.mark.parametrize("columns", [80, 60, 30])
def test_a_run_has_lines_of_its_own_where_a_table_is_too_wide_and_its_name_stays_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    first, *rest = lines_on_terminal(capsys, monkeypatch, columns, display.table(RUNS, left=["run", "status"]))
    assert first == NAME
    assert " ".join(" ".join(rest).split()) == "status finished epochs 12 seconds 8.123 params 34826 accuracy 0.9660"
    assert all(len(line) <= columns for line in rest)


@pytest.mark.parametrize("columns", [60, 24])
def test_names_of_classes_and_their_counts_are_whole_however_narrow(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    rows = [{"true\\pred": "Ankle boot", **{f"T-shirt/top {number}": 1000 + number for number in range(10)}}]
    lines = lines_on_terminal(capsys, monkeypatch, columns, display.table(rows, left=["true\\pred"]))
    words = " ".join(" ".join(lines).split())
    assert words == " ".join(["Ankle boot", *(f"T-shirt/top {number} {1000 + number}" for number in range(10))])
    assert all(len(line) <= columns for line in lines)


def test_a_row_without_a_name_shows_the_header_of_its_first_number(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"digit": 3, "precision": "0.9900", "recall": "0.9800"}]
    assert lines_on_terminal(capsys, monkeypatch, 20, display.table(rows)) == [
        "digit 3",
        "  precision 0.9900",
        "  recall 0.9800",
    ]


def test_wide_characters_take_two_columns(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"image": "数" * 30, "digit": 1}]
    assert lines_on_terminal(capsys, monkeypatch, 60, display.table(rows, left=["image"])) == ["数" * 30, "  digit 1"]


def test_a_long_line_and_a_long_path_are_left_to_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "/a" * 50
    properties = display.key_values({"origin": path, "note": "some words " * 10})
    lines = lines_on_terminal(capsys, monkeypatch, 40, f"{NAME}: accuracy", properties, "x" * 90)
    assert lines[0] == f"{NAME}: accuracy"
    assert path in lines[1]
    assert lines[-1] == "x" * 90


@pytest.mark.parametrize(("terminal", "columns"), [(False, tables.UNLIMITED), (True, 70)])
def test_the_width_is_that_of_the_terminal(monkeypatch: pytest.MonkeyPatch, terminal: bool, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    assert display.terminal_width() == columns


def test_values_that_are_too_wide_continue_below_and_their_words_stay_whole() -> None:
    block = display.key_values({"数字": "one two three", "é": "数字 a-long-word"})
    assert text(block, 14).splitlines() == ["数字  one two", "      three", "é     数字", "      a-long-word"]
