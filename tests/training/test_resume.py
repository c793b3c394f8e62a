"""Trainings that are stopped, killed, and taken up again."""

import errno
import json
import math
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.progress import Progress

from mnist_pipeline import environment
from mnist_pipeline.config.load import LoadedConfig
from mnist_pipeline.data.dataset import load_dataset
from mnist_pipeline.errors import RunError, Terminated
from mnist_pipeline.run import lifecycle
from mnist_pipeline.run.folder import Run
from mnist_pipeline.training import checkpoint, fit
from mnist_pipeline.training.progress import ProgressReporter
from mnist_pipeline.training.signals import INTERRUPTIONS, STOPS
from mnist_pipeline.training.train import prepare, train
from tests.configs import tiny
from tests.trainings import RESTLESS, fingerprint, history, trained


@pytest.fixture(autouse=True)
def _steps_of_one_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that even a tiny epoch has an inside: five steps."""
    monkeypatch.setattr(fit, "BLOCK_WORK", 1.0)


@pytest.fixture(autouse=True)
def _signals_arrive() -> Iterator[None]:
    """Also where the tests run in the background or under nohup, for which a shell has some ignored."""
    usual = dict.fromkeys(INTERRUPTIONS, signal.SIG_DFL) | {signal.SIGINT: signal.default_int_handler}
    before = {number: signal.signal(number, handler) for number, handler in usual.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def stopped(
    loaded: LoadedConfig,
    folder: Path,
    epoch: int,
    step: int,
    signals: tuple[signal.Signals, ...] = (signal.SIGINT,),
    raised: type[BaseException] = KeyboardInterrupt,
) -> Run:
    """A run that got `signals` in a step of an epoch, and what they `raised`; epoch and step count from 0."""

    def receive(self: ProgressReporter, batch: int, logs: Any = None) -> None:
        if (self.epoch, batch) == (epoch, step):
            for each in signals:
                handler = signal.getsignal(each)
                signal.raise_signal(each)
                while signal.getsignal(each) is handler:  # two that arrive before Python looks are one
                    pass

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ProgressReporter, "on_train_batch_end", receive)
        with pytest.raises(raised):
            trained(loaded, folder)
    return Run(folder)


def resume(run: Run) -> None:
    loaded = run.config()
    with run.record_outcome():
        train(prepare(loaded, load_dataset(loaded.config.data), run), run)


@pytest.mark.parametrize("kind", ["fast", "keras"])
@pytest.mark.parametrize(("epoch", "step"), [(0, 0), (0, 2), (1, 0), (3, 4), (5, 4)])
def test_a_resumed_run_ends_as_if_it_had_never_been_interrupted(
    tmp_path: Path, epoch: int, step: int, kind: str
) -> None:
    loaded = tiny(tmp_path, f"training.engine={kind}", **RESTLESS)
    straight = trained(loaded, tmp_path / "straight")
    run = stopped(loaded, tmp_path / "broken", epoch, step)
    resume(run)
    assert fingerprint(run) == fingerprint(straight)
    assert history(run) == history(straight)


@pytest.mark.parametrize("step", [1, 4])
def test_a_resumed_run_that_xla_compiles_ends_as_if_it_had_never_been_interrupted(tmp_path: Path, step: int) -> None:
    loaded = tiny(tmp_path, "training.jit_compile=true", "training.epochs=3")
    straight = trained(loaded, tmp_path / "straight")
    run = stopped(loaded, tmp_path / "broken", 1, step)
    resume(run)
    assert (fingerprint(run), history(run)) == (fingerprint(straight), history(straight))


@pytest.mark.parametrize("swap", [True, False], ids=["every epoch", "at the end"])
def test_moving_averages_of_weights_go_on_from_between_two_epochs(tmp_path: Path, swap: bool) -> None:
    averaged = {"callbacks": [{"SwapEMAWeights": {"swap_on_epoch": swap}}], "optimizer": {"Adam": {"use_ema": True}}}
    loaded = tiny(tmp_path, "training.epochs=4", **averaged)
    straight = trained(loaded, tmp_path / "straight")

    def receive(self: ProgressReporter, epoch: int, logs: Any = None) -> None:
        if epoch == 1:
            signal.raise_signal(signal.SIGINT)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ProgressReporter, "on_epoch_end", receive)
        with pytest.raises(KeyboardInterrupt):
            trained(loaded, tmp_path / "broken")
    run = Run(tmp_path / "broken")
    resume(run)
    assert (fingerprint(run), history(run)) == (fingerprint(straight), history(straight))


def test_a_run_may_be_interrupted_twice_in_one_epoch(tmp_path: Path) -> None:
    loaded = tiny(tmp_path, **RESTLESS)
    straight = trained(loaded, tmp_path / "straight")
    run = stopped(loaded, tmp_path / "broken", 1, 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ProgressReporter, "on_train_batch_end", lambda *_, **__: signal.raise_signal(signal.SIGINT))
        with pytest.raises(KeyboardInterrupt):
            resume(run)
    resume(run)
    assert (fingerprint(run), history(run)) == (fingerprint(straight), history(straight))


def test_a_run_that_goes_on_elsewhere_keeps_what_it_noted_and_says_what_differs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = stopped(tiny(tmp_path), tmp_path / "broken", 1, 1)
    began = run.record
    run.update(data={"sha256": "abc"})
    lifecycle.resume(run, "abc")
    monkeypatch.setattr(environment, "hardware", lambda: {**began["hardware"], "processor": "another"})
    resume(run)
    assert run.record["hardware"] == began["hardware"]
    assert run.record["resumptions"][0]["hardware"]["processor"] == "another"
    told = f"processor {began['hardware']['processor']}, now another"
    assert f"part of this run was trained elsewhere, so its last bits may differ: {told}" in capsys.readouterr().err


def test_a_checkpoint_that_is_damaged_is_said_and_training_can_begin_again(tmp_path: Path) -> None:
    loaded = tiny(tmp_path)
    straight = trained(loaded, tmp_path / "straight")
    run = stopped(loaded, tmp_path / "broken", 1, 1)
    assert run.checkpoint
    run.checkpoint.write_bytes(run.checkpoint.read_bytes()[:-1000])
    with pytest.raises(RunError, match=r"this checkpoint is damaged: .* To train from the start, delete it and run"):
        resume(run)
    run.checkpoint.unlink()
    resume(run)
    assert fingerprint(run) == fingerprint(straight)


def test_a_checkpoint_keeps_numbers_that_json_does_not_know() -> None:
    values = {"loss": 0.5, "val_loss": math.nan, "best": -math.inf, "cooldown_counter": None}
    text = json.dumps(checkpoint._to_json(values), allow_nan=False)
    assert repr(checkpoint._from_json(json.loads(text))) == repr(values)


def test_a_checkpoint_of_another_network_is_said(tmp_path: Path) -> None:
    run = stopped(tiny(tmp_path), tmp_path / "broken", 1, 1)
    other = stopped(tiny(tmp_path, "optimizer.SGD.learning_rate=0.1"), tmp_path / "other", 1, 1)
    assert run.checkpoint
    assert other.checkpoint
    run.checkpoint.write_bytes(other.checkpoint.read_bytes())
    with pytest.raises(RunError, match="this checkpoint is damaged"):
        resume(run)


def test_ctrl_c_keeps_the_model_of_the_last_step(tmp_path: Path) -> None:
    run = stopped(tiny(tmp_path, "training.epochs=5"), tmp_path / "run", 0, 1)
    assert run.status == "interrupted"
    assert run.record["epochs"] == 0
    assert run.model.exists()


def test_a_second_ctrl_c_does_not_wait_for_anything_to_be_saved(tmp_path: Path) -> None:
    run = stopped(tiny(tmp_path), tmp_path / "run", 1, 1, (signal.SIGINT, signal.SIGINT))
    assert run.status == "interrupted"
    assert sorted(file.name for file in run.folder.iterdir()) == ["config.yaml", "run.json"]


@pytest.mark.parametrize("name", [name for name in STOPS if name != "SIGINT" and hasattr(signal, name)])
def test_a_process_that_is_asked_to_end_or_loses_its_terminal_saves_first(tmp_path: Path, name: str) -> None:
    run = stopped(tiny(tmp_path), tmp_path / "run", 1, 1, (signal.Signals[name],), Terminated)
    assert run.status == "interrupted"
    assert run.checkpoint is not None


def test_a_training_whose_terminal_is_gone_is_interrupted_and_not_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: Any, **__: Any) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Console, "print", gone)
    monkeypatch.setattr(Progress, "stop", gone)
    run = stopped(tiny(tmp_path), tmp_path / "run", 1, 1, (signal.SIGTERM,), Terminated)
    assert (run.status, run.model.exists()) == ("interrupted", True)


def test_a_training_in_the_background_goes_on_after_the_ctrl_c_that_its_shell_ignores(tmp_path: Path) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ProgressReporter, "on_train_batch_end", lambda *_, **__: signal.raise_signal(signal.SIGINT))
        assert trained(tiny(tmp_path), tmp_path / "run").status == "finished"


def test_training_leaves_the_handling_of_signals_as_it_was(tmp_path: Path) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    trained(tiny(tmp_path), tmp_path / "run")
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


@pytest.mark.skipif(sys.platform != "linux", reason="the processes are forked")
def test_killed_trainings_end_with_the_same_bytes() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.torture", "3"], capture_output=True, text=True, check=False, timeout=600
    )
    assert done.stdout.splitlines()[-1] == "3 of 3 identical", done.stdout + done.stderr
