"""The commands, as a user types them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from mnist_pipeline import pipeline
from mnist_pipeline.cli.main import main
from mnist_pipeline.pipeline import Experiment
from tests.conftest import Mnist


def test_train_leaves_a_run_that_can_be_judged_and_asked(mnist: Mnist) -> None:
    trained = mnist("train", "--config", "smoke")
    assert trained.status == 0
    assert "accuracy" in trained.out

    judged = mnist("evaluate", "--format", "json")
    assert judged.json["samples"] == 200
    assert judged.json["accuracy"] > 0.3

    asked = mnist("predict", "--format", "json")
    assert [answer["label"] for answer in asked.json] == [0, 1, 2, 3, 4]


def test_a_run_folder_is_never_overwritten(mnist: Mnist, tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("work")
    again = mnist("train", "--config", "smoke", "--run-dir", tmp_path)
    assert again.status == 1
    assert "already" in again.err


@pytest.mark.parametrize(
    ("files", "told"), [([], "nothing is saved yet"), (["checkpoint.npz"], "what the last checkpoint holds is saved")]
)
def test_a_training_that_was_stopped_at_once_says_what_is_left(
    mnist: Mnist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: list[str], told: str
) -> None:
    def stop(work: Experiment) -> None:
        for name in files:
            (work.run.folder / name).touch()
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "execute", stop)
    result = mnist("train", "--config", "smoke", "--run-dir", str(tmp_path / "run"))
    assert result.status == 130
    assert f"Interrupted; {told}. To go on: mnist train --resume" in result.err


@pytest.mark.parametrize(("epochs", "told"), [
    (0, "Interrupted in its first epoch; what was reached is saved. To finish it: mnist train --resume run\n"),
    (1, "Interrupted after 1 epoch; what was reached"), (2, "Interrupted after 2 epochs; what was reached"),
])  # fmt: skip
def test_a_training_that_was_interrupted_says_when(
    mnist: Mnist, monkeypatch: pytest.MonkeyPatch, epochs: int, told: str
) -> None:
    def stop(work: Experiment) -> None:
        work.run.update(epochs=epochs)
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "execute", stop)
    assert told in mnist("train", "--config", "smoke", "--run-dir", "run").err


@pytest.mark.parametrize(("command", "example"), [
    ("train", "mnist train --config quickstart"), ("check", "--config quickstart"),
])  # fmt: skip
def test_a_command_without_its_config_shows_one(mnist: Mnist, command: str, example: str) -> None:
    result = mnist(command)
    assert result.status == 2
    assert example in result.err


def test_an_installation_that_lacks_something_is_told_in_a_line(mnist: Mnist, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    for name in [name for name in sys.modules if name.startswith("mnist_pipeline.config")]:
        monkeypatch.delitem(sys.modules, name)
    result = mnist("check", "--config", "smoke")
    assert result.status == 1
    assert re.fullmatch(r"Error: ModuleNotFoundError: .*yaml.*\. To see what works: mnist doctor\n", result.err)


def test_an_import_that_fails_within_the_package_is_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mnist_pipeline.config.describe", None)
    with pytest.raises(ImportError):
        main(["check", "--config", "smoke"])


def test_python_looks_for_no_garbage_when_a_command_ends() -> None:
    program = (
        "import atexit, gc; atexit.register(lambda: print(gc.get_freeze_count() > 0))\n"
        "from mnist_pipeline.cli.main import main; main(['--version'])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1:] == ["True"]
