"""How commands end: exit statuses, and messages in place of tracebacks."""

import re
import signal
import sys
from pathlib import Path

import pytest

import mnist_pipeline.config
from mnist_pipeline import pipeline
from mnist_pipeline.cli import exit_status
from mnist_pipeline.config import describe
from mnist_pipeline.pipeline import Experiment
from mnist_pipeline.run.folder import Run
from mnist_pipeline.training.progress import ProgressReporter
from tests.conftest import Mnist

PAGE = Path(__file__).parents[2] / "docs" / "command-line.md"


def test_the_document_lists_every_exit_status() -> None:
    numbers = {number for name, number in vars(exit_status).items() if name.isupper() and isinstance(number, int)}
    assert numbers == {int(number) for number in re.findall(r"^\| (\d+) \|", PAGE.read_text("utf-8"), re.MULTILINE)}


@pytest.mark.parametrize(("status", "arguments"), [
    (0, ["--version"]),
    (0, ["check", "--config", "smoke"]),
    (1, ["check", "--config", "nowhere.yaml"]),
    (1, ["check", "--config", "smoke", "--set", "seed=x"]),
    (1, ["data", "nowhere.npz"]),
    (1, ["evaluate", "nowhere"]),
    (2, ["nonsense"]),
    (2, ["check"]),
    (2, ["train"]),
    (2, ["train", "--config", "smoke", "--resume", "x"]),
    (2, ["train", "--resume", "x", "--threads", "2"]),
    (2, ["train", "--config", "smoke", "--threads", "0"]),
    (2, ["train", "--config", "smoke", "--threads", "many"]),
    (2, ["predict", "digit.png", "--data", "mnist_sample"]),
    (2, ["predict", "--top", "11"]),
    (2, ["evaluate", "--split", "half"]),
    (2, ["evaluate", "one", "two"]),
], ids=lambda value: value if isinstance(value, int) else " ".join(value))  # fmt: skip
def test_errors_of_the_user_and_wrong_usage_differ(mnist: Mnist, status: int, arguments: list[str]) -> None:
    result = mnist(*arguments)
    assert result.status == status
    assert result.err.startswith("Usage: mnist") == (status == 2)
    assert bool(result.err) == (status > 0)
    assert not (status and result.out)


@pytest.mark.parametrize(("name", "status"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_training_that_a_signal_ends_is_saved_and_its_status_names_the_signal(
    mnist: Mnist, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, status: int
) -> None:
    number = getattr(signal, name)
    monkeypatch.setattr(ProgressReporter, "on_epoch_end", lambda *_: signal.raise_signal(number))
    result = mnist("train", "--config", "smoke", "--run-dir", "run")
    assert result.status == status
    assert "Interrupted after 1 epoch; progress is saved. To finish the run: mnist train --resume run\n" in result.err
    assert Run(tmp_path / "run").status == "interrupted"


@pytest.mark.parametrize(
    ("files", "saved"), [([], "nothing is saved yet"), (["checkpoint.npz"], "its last checkpoint is saved")]
)
def test_a_training_that_is_stopped_at_once_reports_what_is_saved(
    mnist: Mnist, monkeypatch: pytest.MonkeyPatch, files: list[str], saved: str
) -> None:
    def stop(work: Experiment) -> None:
        for name in files:
            (work.run.folder / name).touch()
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "execute", stop)
    result = mnist("train", "--config", "smoke", "--run-dir", "run")
    assert result.status == 130
    assert f"Interrupted; {saved}. To finish the run: mnist train --resume run\n" in result.err


@pytest.mark.parametrize(("epochs", "when"), [(0, "in the first epoch"), (2, "after 2 epochs")])
def test_a_training_that_is_interrupted_reports_when(
    mnist: Mnist, monkeypatch: pytest.MonkeyPatch, epochs: int, when: str
) -> None:
    def stop(work: Experiment) -> None:
        work.run.update(epochs=epochs)
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "execute", stop)
    result = mnist("train", "--config", "smoke", "--run-dir", "run")
    assert f"Interrupted {when}; progress is saved. " in result.err


def test_a_missing_package_is_named_in_a_line(mnist: Mnist, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    monkeypatch.setattr("mnist_pipeline.config", mnist_pipeline.config)  # which the import below replaces, put back
    for name in [name for name in sys.modules if name.startswith("mnist_pipeline.config")]:
        monkeypatch.delitem(sys.modules, name)
    result = mnist("check", "--config", "smoke")
    assert result.status == 1
    assert re.fullmatch(r"Error: ModuleNotFoundError: .*yaml.*\. To see what works: mnist doctor\n", result.err)


@pytest.mark.parametrize(("message", "line"), [
    ("", "Error: not enough memory. "), ("Unable to allocate 9 EiB", "Error: not enough memory: Unable to "),
])  # fmt: skip
def test_memory_that_runs_out_is_not_a_bug(
    mnist: Mnist, monkeypatch: pytest.MonkeyPatch, message: str, line: str
) -> None:
    def exhaust(_: object) -> None:
        raise MemoryError(*[message] if message else [])

    monkeypatch.setattr(describe, "describe_layers", exhaust)
    result = mnist("check", "--config", "smoke")
    assert result.status == 1
    assert result.err.startswith(line)
    assert len(result.err.splitlines()) == 1
