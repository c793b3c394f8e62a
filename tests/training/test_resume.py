"""Trainings that are interrupted or killed, and resumed."""

import errno
import functools
import json
import math
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from rich.progress import Progress

from mnist_pipeline import environment
from mnist_pipeline.config.load import LoadedConfig
from mnist_pipeline.errors import RunError, Terminated
from mnist_pipeline.run import lifecycle
from mnist_pipeline.run.folder import Run
from mnist_pipeline.training import checkpoint, fit
from mnist_pipeline.training.progress import ProgressReporter
from mnist_pipeline.training.signals import STOPS
from tests.configs import tiny
from tests.trainings import NO_XLA, STATEFUL, default_handlers, fingerprint, history, resume, trained

Result = tuple[str, list[dict[str, str]]]


@pytest.fixture(autouse=True, scope="module")
def _steps_of_one_batch() -> Iterator[None]:
    """So that even a tiny epoch has several steps: five."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fit, "BLOCK_WORK", 1.0)
        yield


@pytest.fixture(autouse=True, scope="module")
def _default_handlers() -> Iterator[None]:
    with default_handlers():
        yield


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The result of the training of STATEFUL in an engine that nothing interrupts."""

    @functools.cache
    def train(engine: str) -> Result:
        folder = tmp_path_factory.mktemp("straight")
        return result(trained(tiny(folder, f"training.engine={engine}", **STATEFUL), folder / "run"))

    return train


@pytest.fixture(scope="module")
def _interrupted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("interrupted")
    return interrupted(tiny(folder, "training.engine=fast", **STATEFUL), folder / "run", 1, 1).folder


@pytest.fixture
def run(_interrupted: Path, tmp_path: Path) -> Run:
    """A run of STATEFUL, interrupted in its second epoch after the second step."""
    return Run(shutil.copytree(_interrupted, tmp_path / "run"))


def result(run: Run) -> Result:
    return fingerprint(run), history(run)


def interrupted(
    loaded: LoadedConfig,
    folder: Path,
    epoch: int,
    step: int,
    signals: tuple[signal.Signals, ...] = (signal.SIGINT,),
    error: type[BaseException] = KeyboardInterrupt,
) -> Run:
    """A run that received `signals` in a step of an epoch, which raised `error`.

    Epoch and step count from 0.
    """

    def receive(self: ProgressReporter, batch: int, logs: Any = None) -> None:
        if (self.epoch, batch) == (epoch, step):
            for each in signals:
                handler = signal.getsignal(each)
                signal.raise_signal(each)
                while signal.getsignal(each) is handler:  # two that arrive before Python looks are one
                    pass

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ProgressReporter, "on_train_batch_end", receive)
        with pytest.raises(error):
            trained(loaded, folder)
    return Run(folder)


# The first step, one inside the first epoch, the first and the last one of a later epoch, and the very last.
@pytest.mark.parametrize(
    ("epoch", "step", "engine"), [(0, 0, "fast"), (0, 2, "keras"), (1, 0, "fast"), (3, 4, "keras"), (5, 4, "fast")]
)
def test_a_resumed_run_ends_as_if_it_had_never_been_interrupted(
    tmp_path: Path, straight: Any, epoch: int, step: int, engine: str
) -> None:
    run = interrupted(tiny(tmp_path, f"training.engine={engine}", **STATEFUL), tmp_path / "run", epoch, step)
    resume(run)
    assert result(run) == straight(engine)


def test_a_resumed_run_that_xla_compiles_ends_as_if_it_had_never_been_interrupted(tmp_path: Path) -> None:
    loaded = tiny(tmp_path, "training.jit_compile=true")
    run = interrupted(loaded, tmp_path / "run", 1, 1)
    resume(run)
    assert result(run) == result(trained(loaded, tmp_path / "straight"))


@pytest.mark.parametrize("swap", [True, False], ids=["every epoch", "at the end"])
def test_moving_averages_of_weights_are_resumed_between_two_epochs(tmp_path: Path, swap: bool) -> None:
    averaged = {"callbacks": [{"SwapEMAWeights": {"swap_on_epoch": swap}}], "optimizer": {"Adam": {"use_ema": True}}}
    loaded = tiny(tmp_path, NO_XLA, "training.epochs=3", **averaged)

    def receive(self: ProgressReporter, epoch: int, logs: Any = None) -> None:
        if epoch == 1:
            signal.raise_signal(signal.SIGINT)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ProgressReporter, "on_epoch_end", receive)
        with pytest.raises(KeyboardInterrupt):
            trained(loaded, tmp_path / "run")
    run = Run(tmp_path / "run")
    resume(run)
    assert result(run) == result(trained(loaded, tmp_path / "straight"))


def test_a_run_may_be_interrupted_twice_in_one_epoch(run: Run, straight: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ProgressReporter, "on_train_batch_end", lambda *_, **__: signal.raise_signal(signal.SIGINT))
        with pytest.raises(KeyboardInterrupt):
            resume(run)
    resume(run)
    assert result(run) == straight("fast")


def test_a_run_that_is_resumed_on_another_machine_records_both_and_reports_what_differs(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = run.record
    run.update(data={"sha256": "abc"})
    lifecycle.resume(run, "abc")
    monkeypatch.setattr(environment, "hardware", lambda: {**first["hardware"], "processor": "another"})
    resume(run)
    assert run.record["hardware"] == first["hardware"]
    assert run.record["resumptions"][0]["hardware"]["processor"] == "another"
    change = f"processor {first['hardware']['processor']}, now another"
    assert f"part of this run was trained elsewhere, so its last bits may differ: {change}" in capsys.readouterr().err


def test_a_damaged_checkpoint_is_an_error_and_training_can_start_again(run: Run, straight: Any) -> None:
    assert run.checkpoint
    run.checkpoint.write_bytes(run.checkpoint.read_bytes()[:-1000])
    with pytest.raises(RunError, match=r"this checkpoint is damaged: .* To train from the start, delete it and run"):
        resume(run)
    run.checkpoint.unlink()
    resume(run)
    assert result(run) == straight("fast")


def test_a_checkpoint_of_another_model_is_an_error(run: Run) -> None:
    assert run.checkpoint
    with np.load(run.checkpoint) as content:
        arrays: dict[str, Any] = {name: content[name] for name in content.files if name != "variable_0"}
    np.savez(run.checkpoint, **arrays)
    with pytest.raises(RunError, match="this checkpoint is damaged"):
        resume(run)


def test_a_checkpoint_keeps_numbers_that_json_does_not_know() -> None:
    values = {"loss": 0.5, "val_loss": math.nan, "best": -math.inf, "cooldown_counter": None}
    text = json.dumps(checkpoint._to_json(values), allow_nan=False)
    assert repr(checkpoint._from_json(json.loads(text))) == repr(values)


def test_ctrl_c_keeps_the_model_of_the_last_step(run: Run) -> None:
    assert run.status == "interrupted"
    assert run.record["epochs"] == 1
    assert run.model.exists()


def test_a_second_ctrl_c_does_not_wait_for_anything_to_be_saved(tmp_path: Path) -> None:
    run = interrupted(tiny(tmp_path, NO_XLA), tmp_path / "run", 0, 1, (signal.SIGINT, signal.SIGINT))
    assert run.status == "interrupted"
    assert sorted(file.name for file in run.folder.iterdir()) == ["config.yaml", "run.json"]


@pytest.mark.parametrize("name", [name for name in STOPS if name != "SIGINT" and hasattr(signal, name)])
def test_a_process_that_receives_sigterm_or_loses_its_terminal_saves_first(tmp_path: Path, name: str) -> None:
    run = interrupted(tiny(tmp_path, NO_XLA), tmp_path / "run", 0, 1, (signal.Signals[name],), Terminated)
    assert run.status == "interrupted"
    assert run.checkpoint is not None


def test_a_training_whose_terminal_is_gone_is_interrupted_and_not_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: Any, **__: Any) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Console, "print", gone)
    monkeypatch.setattr(Progress, "stop", gone)
    run = interrupted(tiny(tmp_path, NO_XLA), tmp_path / "run", 1, 1, (signal.SIGTERM,), Terminated)
    assert (run.status, run.model.exists()) == ("interrupted", True)


@pytest.mark.skipif(sys.platform != "linux", reason="the processes are forked")
def test_killed_trainings_end_with_the_same_bytes() -> None:
    process = subprocess.run(
        [sys.executable, "-m", "tests.torture", "1"], capture_output=True, text=True, check=False, timeout=600
    )
    assert process.stdout.splitlines()[-1] == "1 of 1 identical", process.stdout + process.stderr
