"""What a shell completes after TAB."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.shell_completion import BashComplete

from mnist_pipeline.cli import completion
from mnist_pipeline.cli.commands import NAMES
from mnist_pipeline.cli.main import cli
from mnist_pipeline.config import presets
from mnist_pipeline.errors import RunError
from mnist_pipeline.run import store

Complete = Callable[[str], list[str]]


@pytest.fixture
def complete(monkeypatch: pytest.MonkeyPatch) -> Complete:
    """Completions of words: `type,value`, as click's function for bash reads them."""

    def complete(words: str) -> list[str]:
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", str(len(words.split(" ")) - 1))
        return BashComplete(cli, {}, "mnist", "_MNIST_COMPLETE").complete().splitlines()

    return complete


def output(variables: dict[str, str]) -> str:
    program = [sys.executable, "-m", "mnist_pipeline"]
    result = subprocess.run(program, env=os.environ | variables, capture_output=True, text=True, check=True, timeout=60)
    assert result.stderr == ""
    return result.stdout


def make_run(folder: Path, started: str) -> None:
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(f'{{"status": "finished", "started": "{started}"}}')


@pytest.fixture
def two_runs(tmp_path: Path, empty_folder: None) -> None:
    make_run(tmp_path / "runs" / "digits-1", "2026-11-22T09:30:00+00:00")
    make_run(tmp_path / "runs" / "digits-2", "2026-11-23T09:30:00+00:00")


@pytest.mark.parametrize(("words", "completions"), [
    ("mnist ", [f"plain,{name}" for name in NAMES]),
    ("mnist ev", ["plain,evaluate"]),
    ("mnist evaluate --sp", ["plain,--split"]),
    ("mnist evaluate --split ", ["plain,test", "plain,validation", "plain,train"]),
    ("mnist evaluate --run ", ["plain,digits-2", "plain,digits-1"]),
    ("mnist evaluate dig", ["plain,digits-2", "plain,digits-1"]),
    ("mnist train --resume digits-1", ["plain,digits-1"]),
    ("mnist verify elsewhere/", ["dir,elsewhere/"]),
    ("mnist train --config ", [f"plain,{name}" for name in presets.names()]),
    ("mnist check -c my.y", ["file,my.y"]),
    ("mnist data mnist_s", ["plain,mnist_sample"]),
    ("mnist predict scan", ["file,scan"]),
    ("mnist train --run-dir o", ["dir,o"]),
], ids=lambda value: value if isinstance(value, str) else "")  # fmt: skip
def test_commands_options_runs_and_presets_are_completed(
    complete: Complete, two_runs: None, words: str, completions: list[str]
) -> None:
    assert complete(words) == completions


def test_the_command_itself_completes_for_a_shell(two_runs: None) -> None:
    question = {"_MNIST_COMPLETE": "bash_complete", "COMP_WORDS": "mnist evaluate dig", "COMP_CWORD": "2"}
    assert output(question) == "plain,digits-2\nplain,digits-1\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script_that_calls_mnist(shell: str) -> None:
    script = output({"_MNIST_COMPLETE": f"{shell}_source"})
    assert f"_MNIST_COMPLETE={shell}_complete" in script
    assert "mnist" in script


def test_runs_that_cannot_be_listed_leave_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable() -> None:
        raise RunError("runs: cannot look into this folder")

    monkeypatch.setattr(store, "all_runs", unreadable)
    (item,) = completion.complete_run(None, None, "a")  # type: ignore[arg-type]
    assert (item.type, item.value) == ("dir", "a")
