"""Printed text is visible; names do not control the terminal or start a line."""

import io
import shutil
import sys
from pathlib import Path

import pytest

from mnist_pipeline import pipeline, terminal
from mnist_pipeline.cli import display
from mnist_pipeline.run.folder import Run
from tests.conftest import Mnist

ESCAPES = "a\x1b[31m\x07b\x9b2J\u202ec\r\x7f"
SHOWN = r"a\x1b[31m\x07b\x9b2J\u202ec\r\x7f"


@pytest.mark.parametrize(("text", "shown"), [
    (ESCAPES, SHOWN), ("é ✏ 数字\u202f 1\u00a02", "é ✏ 数字\u202f 1\u00a02"), ("a\n\tb", "a\n\tb"),
    ("\udcff", r"\udcff"),
    ("a\u2028b\ud800", r"a\u2028b\ud800"), ("", ""),
])  # fmt: skip
def test_invisible_characters_are_escaped(text: str, shown: str) -> None:
    assert terminal.printable(text) == shown


def test_line_breaks_and_tabs_of_a_name_are_escaped() -> None:
    assert terminal.in_one_line("a\nError: b\tc") == r"a\nError: b\tc"


def test_names_do_not_control_the_terminal_from_tables_and_lines(capsys: pytest.CaptureFixture[str]) -> None:
    display.show(
        f"{ESCAPES}: 1", display.table([{"image": ESCAPES, "digit": 1}]), display.key_values({"origin": ESCAPES})
    )
    stdout = capsys.readouterr().out
    assert stdout.count(SHOWN) == 3
    assert stdout.replace("─", "").isascii()
    assert "\x1b" not in stdout


@pytest.mark.parametrize("arguments", [
    ["predict", ESCAPES, "--run", "trained"], ["predict", "--run", ESCAPES], ["evaluate", "--run", ESCAPES],
    ["verify", ESCAPES], ["train", "--config", ESCAPES], ["data", ESCAPES], ["check", "-c", "smoke", "--set", ESCAPES],
    ["train", "-c", "smoke", "--data", ESCAPES], [ESCAPES], ["data", "a", ESCAPES],
], ids=lambda arguments: " ".join(each for each in arguments if each != ESCAPES))  # fmt: skip
def test_names_do_not_control_the_terminal_from_messages(mnist: Mnist, trained: Path, arguments: list[str]) -> None:
    result = mnist(*(trained if each == "trained" else each for each in arguments))
    assert result.status in (1, 2)
    assert "2J" in result.err
    assert all(character.isprintable() or character == "\n" for character in result.err + result.out)


LINES = "c\x1b[31mred\nError: x\ty"
IN_ONE_LINE = r"c\x1b[31mred\nError: x\ty"


@pytest.mark.parametrize("arguments", [
    ["predict", LINES, "--run", "trained"], ["predict", "--run", LINES], ["verify", LINES], ["reproduce", LINES],
    ["train", "--resume", LINES], ["train", "--config", LINES], ["data", LINES],
    ["train", "-c", "smoke", "--data", LINES],
], ids=lambda arguments: " ".join(each for each in arguments if each != LINES))  # fmt: skip
def test_a_line_break_in_a_name_starts_no_line_in_a_message(mnist: Mnist, trained: Path, arguments: list[str]) -> None:
    result = mnist(*(trained if each == "trained" else each for each in arguments))
    assert result.status == 1
    (line,) = [line for line in result.err.splitlines() if "red" in line]
    assert line.startswith("Error: ")
    assert IN_ONE_LINE in line


@pytest.mark.parametrize("arguments", [[LINES], ["data", "a", LINES], ["train", "--threads", LINES]], ids=len)
def test_a_line_break_in_a_word_starts_no_line_in_a_message_of_click(mnist: Mnist, arguments: list[str]) -> None:
    result = mnist(*arguments)
    assert result.status == 2
    assert result.err.splitlines()[-1].startswith("Error: ")
    assert result.err.count("Error: x") == 1
    assert len(result.err.splitlines()) == 4


def test_a_line_break_in_a_name_starts_no_line_in_lists_of_runs_and_locations(mnist: Mnist, tmp_path: Path) -> None:
    folder = tmp_path / "runs" / LINES
    folder.mkdir(parents=True)
    (folder / "run.json").write_text("{}")
    listed = mnist("evaluate", "--run", "nope")
    assert listed.err == f"Error: nope: run not found. The newest: {IN_ONE_LINE}\n"
    (tmp_path / LINES).write_text("model: {layers: [Flatten]}\nloss: mse\nseeed: 1\n")
    refused = mnist("check", "--config", LINES)
    assert not any(line.startswith("Error: x") for line in refused.err.splitlines())
    assert not refused.err.startswith("Error: ")
    assert refused.err.startswith(f"{IN_ONE_LINE}:")


def test_a_training_shows_the_name_of_its_run_in_one_line(
    mnist: Mnist, monkeypatch: pytest.MonkeyPatch, trained: Path
) -> None:
    monkeypatch.setattr(pipeline, "execute", lambda _: (Run(trained).metrics or {}) | {"run": LINES})
    result = mnist("train", "--config", "smoke", "--run-dir", LINES)
    assert result.status == 0
    assert result.err == f"Run: {IN_ONE_LINE}\n"
    assert result.out.startswith(f"{IN_ONE_LINE}: accuracy")
    assert len(result.out.splitlines()) == 1


def test_an_evaluation_shows_the_name_of_its_run_in_one_line(mnist: Mnist, trained: Path) -> None:
    shutil.copytree(trained, LINES)
    assert mnist("evaluate", "--run", LINES).out.startswith(f"{IN_ONE_LINE}: accuracy")


def test_names_do_not_control_the_terminal_from_the_progress_of_a_training(monkeypatch: pytest.MonkeyPatch) -> None:
    from mnist_pipeline.training.progress import ProgressReporter

    monkeypatch.setattr(sys, "stderr", io.StringIO())
    ProgressReporter(3, 10, 0).print_line(f"began on {ESCAPES}")
    assert sys.stderr.getvalue() == f"began on {SHOWN}\n"
