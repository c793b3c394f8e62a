"""What is printed can be shown, commands no terminal, and fails nothing."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from mnist_pipeline import terminal
from mnist_pipeline.cli import display
from mnist_pipeline.errors import OutputError
from mnist_pipeline.run.folder import Run
from tests.conftest import Mnist

ESCAPES = "a\x1b[31m\x07b\x9b2J\u202ec\r\x7f"
SHOWN = r"a\x1b[31m\x07b\x9b2J\u202ec\r\x7f"


def command(*arguments: object, stdout: Any = subprocess.PIPE, stderr: Any = subprocess.PIPE, **variables: str) -> Any:
    return subprocess.run(
        [sys.executable, "-m", "mnist_pipeline", *map(str, arguments)],
        stdout=stdout, stderr=stderr, env=os.environ | variables, check=False, timeout=120,
    )  # fmt: skip


@pytest.fixture
def unread() -> Iterator[int]:
    """A pipe to write to that nobody reads."""
    read, write = os.pipe()
    os.close(read)
    yield write
    os.close(write)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    file = tmp_path / "é ✏ \udcff.png"
    Image.new("L", (28, 28), 0).save(tmp_path / "plain.png")
    drawn = Image.new("L", (28, 28))
    drawn.paste(255, (13, 4, 16, 24))
    with open(os.fsencode(file), "wb") as opened:  # noqa: PTH123, Pillow and pathlib would refuse the name
        drawn.save(opened, "PNG")
    return file


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
@pytest.mark.parametrize("arguments", [["data", "mnist_sample"], ["evaluate"], ["predict"], ["--help"]], ids=" ".join)
def test_an_encoding_that_lacks_characters_fails_no_command(
    arguments: list[str], encoding: str, trained: Path, tmp_path: Path
) -> None:
    run = ["--run", trained] if arguments[0] in ("evaluate", "predict") else []
    with (tmp_path / "o.txt").open("wb") as file:
        done = command(*arguments, *run, stdout=file, PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    text = (tmp_path / "o.txt").read_text(encoding)
    assert len(text.splitlines()) > 5
    assert "\\u" not in text
    assert "?" not in text


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "utf-8"])
def test_names_that_cannot_be_encoded_leave_csv_json_and_tables_whole(
    trained: Path, picture: Path, encoding: str
) -> None:
    name = {"ascii": "\\xe9 \\u270f \\udcff.png", "latin-1": "é \\u270f \\udcff.png", "utf-8": "é ✏ \\udcff.png"}
    outs = {}
    for style in ("csv", "json", "table"):
        done = command("predict", picture, "--run", trained, "--format", style, PYTHONIOENCODING=encoding)
        assert (done.returncode, done.stderr) == (0, b"")
        outs[style] = done.stdout.decode(encoding)
    (row,) = csv.DictReader(io.StringIO(outs["csv"]))
    assert Path(row["image"]).name == name[encoding]
    assert len(row) == 13
    assert json.loads(outs["json"])[0]["image"] == str(picture)
    assert name[encoding] in outs["table"]


def test_a_training_whose_progress_nobody_reads_ends_as_it_would(tmp_path: Path, unread: int) -> None:
    with (tmp_path / "o.txt").open("wb") as file:
        done = command("train", "-c", "smoke", "--run-dir", tmp_path / "run", stdout=file, stderr=unread,
                       PYTHONIOENCODING="ascii")  # fmt: skip
    assert done.returncode == 0
    assert Run(tmp_path / "run").status == "finished"
    assert "% interval" in (tmp_path / "o.txt").read_text("ascii")


@pytest.mark.parametrize("arguments", [["schema"], ["data", "mnist_sample"], ["--help"]], ids=" ".join)
def test_a_reader_that_goes_away_ends_a_command_quietly(arguments: list[str], unread: int) -> None:
    done = command(*arguments, stdout=unread)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed_from_the_start_do_not_matter(trained: Path, closed: str) -> None:
    program = [sys.executable, "-m", "mnist_pipeline", "predict", "--run", trained]
    done = subprocess.run(["/bin/sh", "-c", f'exec "$@" {closed}', "sh", *program], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert bool(done.stdout) == (">&-" not in closed.replace("2>&-", ""))


class Full(io.RawIOBase):
    """A file on a full disk."""

    def writable(self) -> bool:
        return True

    def write(self, _: object) -> int:
        raise OSError(28, "No space left on device")


def test_results_that_cannot_be_written_are_an_error_and_remarks_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, io.TextIOWrapper(io.BufferedWriter(Full()), encoding="utf-8"))
    with terminal.standard_streams():
        terminal.echo("a remark", err=True)
        sys.stderr.flush()
        terminal.echo("a result")
        with pytest.raises(OutputError, match="cannot write to stdout: No space left on device"):
            sys.stdout.flush()


def test_streams_of_another_kind_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    with terminal.standard_streams():
        terminal.echo("said")
    assert sys.stdout.getvalue() == "said\n"


def test_streams_are_afterwards_what_they_were(capsys: pytest.CaptureFixture[str]) -> None:
    before = sys.stdout, sys.stderr
    with terminal.standard_streams():
        terminal.echo("inside")
    terminal.echo("outside")
    assert (sys.stdout, sys.stderr) == before
    assert capsys.readouterr().out == "inside\noutside\n"


@pytest.mark.parametrize(("text", "shown"), [
    (ESCAPES, SHOWN), ("é ✏ 数字\u202f 1\u00a02", "é ✏ 数字\u202f 1\u00a02"), ("a\n\tb", "a\n\tb"),
    ("\udcff", r"\udcff"),
    ("a\u2028b\ud800", r"a\u2028b\ud800"), ("", ""),
])  # fmt: skip
def test_only_what_can_be_seen_is_printed(text: str, shown: str) -> None:
    assert terminal.printable(text) == shown


def test_a_name_takes_one_line() -> None:
    assert terminal.in_one_line("a\nError: b\tc") == r"a\nError: b\tc"


def test_names_command_no_terminal_in_tables_lines_and_facts(capsys: pytest.CaptureFixture[str]) -> None:
    display.show(
        f"{ESCAPES}: 1", display.table([{"image": ESCAPES, "digit": 1}]), display.key_values({"origin": ESCAPES})
    )
    said = capsys.readouterr().out
    assert said.count(SHOWN) == 3
    assert said.isascii() or said.replace("─", "").isascii()
    assert "\x1b" not in said


@pytest.mark.parametrize("arguments", [
    ["predict", ESCAPES, "--run", "trained"], ["predict", "--run", ESCAPES], ["evaluate", "--run", ESCAPES],
    ["verify", ESCAPES], ["train", "--config", ESCAPES], ["data", ESCAPES], ["check", "-c", "smoke", "--set", ESCAPES],
    ["train", "-c", "smoke", "--data", ESCAPES], [ESCAPES], ["data", "a", ESCAPES],
], ids=lambda arguments: " ".join(each for each in arguments if each != ESCAPES))  # fmt: skip
def test_messages_show_names_in_characters_that_can_be_seen(mnist: Mnist, trained: Path, arguments: list[str]) -> None:
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
def test_a_name_of_several_lines_makes_no_line_of_its_own_in_a_message(
    mnist: Mnist, trained: Path, arguments: list[str]
) -> None:
    result = mnist(*(trained if each == "trained" else each for each in arguments))
    assert result.status == 1
    (line,) = [line for line in result.err.splitlines() if "red" in line]
    assert line.startswith("Error: ")
    assert IN_ONE_LINE in line


@pytest.mark.parametrize("arguments", [[LINES], ["data", "a", LINES], ["train", "--threads", LINES]], ids=len)
def test_a_word_of_several_lines_makes_no_line_of_its_own_in_what_click_says(
    mnist: Mnist, arguments: list[str]
) -> None:
    result = mnist(*arguments)
    assert result.status == 2
    assert result.err.splitlines()[-1].startswith("Error: ")
    assert result.err.count("Error: x") == 1
    assert len(result.err.splitlines()) == 4


def test_names_of_several_lines_make_no_line_of_their_own_in_lists_of_runs_and_places(
    mnist: Mnist, tmp_path: Path
) -> None:
    folder = tmp_path / "runs" / LINES
    folder.mkdir(parents=True)
    (folder / "run.json").write_text("{}")
    listed = mnist("evaluate", "--run", "nope")
    assert listed.err == f"Error: nope: there is no such run. The newest: {IN_ONE_LINE}\n"
    (tmp_path / LINES).write_text("model: {layers: [Flatten]}\nloss: mse\nseeed: 1\n")
    refused = mnist("check", "--config", LINES)
    assert not any(line.startswith("Error: x") for line in refused.err.splitlines())
    assert not refused.err.startswith("Error: ")
    assert refused.err.startswith(f"{IN_ONE_LINE}:")


def test_a_training_shows_the_name_of_its_run_in_one_line(mnist: Mnist) -> None:
    trained = mnist("train", "--config", "smoke", "--run-dir", LINES)
    assert trained.status == 0
    assert f"Run: {IN_ONE_LINE}\n" in trained.err
    assert trained.out.startswith(f"{IN_ONE_LINE}: accuracy")
    assert len(trained.out.splitlines()) == 1
    assert mnist("evaluate", "--run", LINES).out.startswith(f"{IN_ONE_LINE}: accuracy")


def test_the_progress_of_a_training_shows_names_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from mnist_pipeline.training.progress import ProgressReporter

    monkeypatch.setattr(sys, "stderr", io.StringIO())
    ProgressReporter(3, 10, 0).say(f"began on {ESCAPES}")
    assert sys.stderr.getvalue() == f"began on {SHOWN}\n"
