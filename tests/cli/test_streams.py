"""Standard streams print in any encoding; only lost results are failures."""

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
from mnist_pipeline.cli.streams import standard_streams
from mnist_pipeline.errors import OutputError
from mnist_pipeline.run.folder import Run


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
def unencodable(tmp_path: Path) -> Path:
    """An image whose name is no text."""
    file = tmp_path / "é ✏ \udcff.png"
    one = Image.new("L", (28, 28))
    one.paste(255, (13, 4, 16, 24))
    with open(os.fsencode(file), "wb") as opened:  # noqa: PTH123, Pillow and pathlib would refuse the name
        one.save(opened, "PNG")
    return file


@pytest.mark.parametrize(("arguments", "encoding"), [
    (["data", "mnist_sample"], "ascii"), (["data", "mnist_sample"], "latin-1"), (["evaluate"], "ascii"),
    (["predict"], "latin-1"), (["--help"], "ascii"),
], ids=lambda value: value if isinstance(value, str) else " ".join(value))  # fmt: skip
def test_an_encoding_that_lacks_characters_fails_no_command(arguments: list[str], encoding: str, trained: Path) -> None:
    run = ["--run", trained] if arguments[0] in ("evaluate", "predict") else []
    result = command(*arguments, *run, PYTHONIOENCODING=encoding)
    assert (result.returncode, result.stderr) == (0, b"")
    text = result.stdout.decode(encoding)
    assert len(text.splitlines()) > 5
    assert "\\u" not in text
    assert "?" not in text


def predict(image: Path, run: Path, style: str, encoding: str) -> str:
    result = command("predict", image, "--run", run, "--format", style, PYTHONIOENCODING=encoding)
    assert (result.returncode, result.stderr) == (0, b"")
    return result.stdout.decode(encoding)


@pytest.mark.parametrize(("encoding", "name"), [
    ("ascii", "\\xe9 \\u270f \\udcff.png"), ("latin-1", "é \\u270f \\udcff.png"), ("utf-8", "é ✏ \\udcff.png"),
], ids=["ascii", "latin-1", "utf-8"])  # fmt: skip
def test_a_name_that_cannot_be_encoded_leaves_csv_complete(
    trained: Path, unencodable: Path, encoding: str, name: str
) -> None:
    (row,) = csv.DictReader(io.StringIO(predict(unencodable, trained, "csv", encoding)))
    assert Path(row["image"]).name == name
    assert len(row) == 13


def test_a_name_that_cannot_be_encoded_is_whole_in_json_and_in_a_table(trained: Path, unencodable: Path) -> None:
    assert json.loads(predict(unencodable, trained, "json", "ascii"))[0]["image"] == str(unencodable)
    assert "é \\u270f \\udcff.png" in predict(unencodable, trained, "table", "latin-1")


def test_a_training_whose_progress_nobody_reads_ends_as_it_would(tmp_path: Path, unread: int) -> None:
    result = command("train", "-c", "smoke", "--run-dir", tmp_path / "run", stderr=unread, PYTHONIOENCODING="ascii")
    assert result.returncode == 0
    assert Run(tmp_path / "run").status == "finished"
    assert "% interval" in result.stdout.decode("ascii")


@pytest.mark.parametrize("arguments", [["schema"], ["data", "mnist_sample"], ["--help"]], ids=" ".join)
def test_a_reader_that_goes_away_ends_a_command_quietly(arguments: list[str], unread: int) -> None:
    result = command(*arguments, stdout=unread)
    assert (result.returncode, result.stderr) == (141, b"")


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed_from_the_start_do_not_matter(trained: Path, closed: str) -> None:
    program = [sys.executable, "-m", "mnist_pipeline", "predict", "--run", trained]
    result = subprocess.run(["/bin/sh", "-c", f'exec "$@" {closed}', "sh", *program], capture_output=True, check=False)
    assert (result.returncode, result.stderr) == (0, b"")
    assert bool(result.stdout) == (">&-" not in closed.replace("2>&-", ""))


class Full(io.RawIOBase):
    """A file on a full disk."""

    def writable(self) -> bool:
        return True

    def write(self, _: object) -> int:
        raise OSError(28, "No space left on device")


def test_results_that_cannot_be_written_are_an_error_and_messages_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, io.TextIOWrapper(io.BufferedWriter(Full()), encoding="utf-8"))
    with standard_streams():
        terminal.echo("a message", err=True)
        sys.stderr.flush()
        terminal.echo("a result")
        with pytest.raises(OutputError, match="cannot write to stdout: No space left on device"):
            sys.stdout.flush()


def test_streams_of_another_kind_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    with standard_streams():
        terminal.echo("text")
    assert sys.stdout.getvalue() == "text\n"


def test_streams_are_afterwards_what_they_were(capsys: pytest.CaptureFixture[str]) -> None:
    before = sys.stdout, sys.stderr
    with standard_streams():
        terminal.echo("inside")
    terminal.echo("outside")
    assert (sys.stdout, sys.stderr) == before
    assert capsys.readouterr().out == "inside\noutside\n"
