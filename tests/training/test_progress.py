"""The progress of a training, on terminals of every width, in pipes and in files."""

import io
import re

import pytest

from mnist_pipeline.training import progress
from mnist_pipeline.training.progress import ProgressReporter, format_epoch

LOGS = {"accuracy": 0.9043921, "loss": 0.3174, "val_accuracy": 0.9425, "val_loss": 0.1922, "learning_rate": 0.002}
START = "epoch  2/12  0.3 s"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "learning_rate", lambda _: 0.002)
    for name, value in {"TERM": "xterm-256color", "COLUMNS": "80"}.items():
        monkeypatch.setenv(name, value)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


def stderr_of_an_epoch(monkeypatch: pytest.MonkeyPatch, stderr: io.StringIO, verbose: bool = True) -> str:
    """All that one epoch writes."""
    monkeypatch.setattr("sys.stderr", stderr)
    report = ProgressReporter(12, 10, 1, verbose=verbose)
    report.set_model(object())
    report.on_train_begin()
    report.on_epoch_begin(1)
    report.on_train_batch_end(4, {"loss": 0.3174, "accuracy": 0.9043921})
    report.bar.refresh()
    report.on_epoch_end(1, LOGS)
    report.close()
    return stderr.getvalue()


@pytest.mark.parametrize("width", [None, 107])
def test_an_epoch_has_a_line(width: int | None) -> None:
    assert format_epoch(START, LOGS, width) == [
        f"{START}  loss 0.3174  accuracy 0.9044  val_loss 0.1922  val_accuracy 0.9425  learning_rate 0.002"
    ]


def test_where_it_is_too_wide_validation_has_one_of_its_own() -> None:
    assert format_epoch(START, LOGS, 80) == [
        f"{START}  loss 0.3174  accuracy 0.9044",
        f"{' ' * len(START)}  val_loss 0.1922  val_accuracy 0.9425  learning_rate 0.002",
    ]


@pytest.mark.parametrize("width", range(1, 107, 13))
def test_no_metric_is_broken_or_left_out_however_narrow(width: int) -> None:
    lines = format_epoch(START, LOGS, width)
    assert " ".join(" ".join(lines).split()) == " ".join(format_epoch(START, LOGS, None)[0].split())
    assert all(len(line) <= max(width, len(START) + 2 + len("learning_rate 0.002")) for line in lines)


def test_the_line_of_an_epoch_without_validation_is_broken_too() -> None:
    lines = format_epoch(START, {name: value for name, value in LOGS.items() if not name.startswith("val_")}, 60)
    assert lines == [f"{START}  loss 0.3174  accuracy 0.9044", f"{' ' * len(START)}  learning_rate 0.002"]


def test_a_file_or_a_pipe_gets_a_line_an_epoch_and_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    (line,) = stderr_of_an_epoch(monkeypatch, io.StringIO()).splitlines()
    assert re.fullmatch(r"epoch  2/12  \d.\d s  loss .*learning_rate 0.002", line)


def test_a_terminal_of_80_columns_shows_no_line_that_is_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", stderr_of_an_epoch(monkeypatch, Terminal()))
    assert "val_accuracy 0.9425  learning_rate 0.002" in seen
    assert "loss 0.3174  accuracy 0.9044" in seen
    assert "…" not in seen
    assert max(len(line) for line in re.split(r"[\r\n]", seen)) <= 80


@pytest.mark.parametrize(("value", "colored"), [("", True), ("1", False)])
def test_no_color_means_no_color(monkeypatch: pytest.MonkeyPatch, value: str, colored: bool) -> None:
    monkeypatch.setenv("NO_COLOR", value)
    assert bool(re.search(r"\x1b\[[\d;]*(3\d|9\d|38;)[\d;]*m", stderr_of_an_epoch(monkeypatch, Terminal()))) == colored


def test_a_terminal_shows_a_bar_with_the_current_metrics_and_removes_it_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stderr = stderr_of_an_epoch(monkeypatch, Terminal())
    shown = re.sub(r"\x1b\[[\d;]*m", "", stderr)
    assert re.search(r"epoch 2/12 ━+.* loss 0.3174  accuracy 0.9044", shown)
    assert shown.rstrip("\n").endswith("\x1b[?25h\r\x1b[1A\x1b[2K")  # the cursor is back, the line of the bar erased


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_a_training_that_is_not_verbose_prints_nothing(
    monkeypatch: pytest.MonkeyPatch, stream: type[io.StringIO]
) -> None:
    assert stderr_of_an_epoch(monkeypatch, stream(), verbose=False) == ""


def test_no_remark_is_no_line(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = io.StringIO()
    monkeypatch.setattr("sys.stderr", stderr)
    report = ProgressReporter(1, 1, 0)
    report.print_line(None)
    report.print_line("one")
    assert stderr.getvalue() == "one\n"
