"""Threads, and what several devices do not allow."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mnist_pipeline import pipeline
from mnist_pipeline.data.dataset import load_dataset
from mnist_pipeline.environment import usable_cpus
from mnist_pipeline.errors import TrainingError
from mnist_pipeline.framework import tf
from mnist_pipeline.run.folder import Run
from mnist_pipeline.threads import MAX_THREADS
from mnist_pipeline.training import devices, fit
from mnist_pipeline.training.build import build
from tests.configs import tiny
from tests.conftest import Mnist

SMALL = ("--set", "training.epochs=1", "--set", "data.train_samples=100", "--set", "data.test_samples=50")


@pytest.mark.parametrize(("value", "threads"), [("3", 3), ("0", usable_cpus()), ("many", usable_cpus())])
def test_the_threads_that_the_environment_sets_are_recorded(
    monkeypatch: pytest.MonkeyPatch, value: str, threads: int
) -> None:
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", value)
    monkeypatch.delenv("TF_NUM_INTEROP_THREADS", raising=False)
    assert devices.describe()["threads"] == {"intra_op": threads, "inter_op": usable_cpus()}


@pytest.fixture
def pools(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """The pool sizes set, as in a process in which TensorFlow has not started."""
    sizes: dict[str, int] = {}

    def pool(name: str, before: devices.ThreadPool) -> devices.ThreadPool:
        return before._replace(get=lambda: sizes.get(name, 0), set=lambda number: sizes.__setitem__(name, number))

    monkeypatch.setattr(devices, "POOLS", {name: pool(name, before) for name, before in devices.POOLS.items()})
    monkeypatch.setattr(devices, "usable_cpus", lambda: 2)
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        monkeypatch.delenv(name, raising=False)
    return sizes


def test_the_threads_that_are_set_are_used_and_recorded(pools: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "5")
    devices.use_threads(7, 2)
    assert devices.describe()["threads"] == {"intra_op": 7, "inter_op": 2}


def test_a_number_that_is_set_already_is_not_set_again(pools: dict[str, int]) -> None:
    devices.use_threads(2, 2)
    assert pools == {}


@pytest.mark.parametrize("threads", [0, -1, 1025, 10**12, True, "4", 2.0, None, [1]], ids=repr)
def test_an_invalid_number_of_threads_is_an_error(pools: dict[str, int], threads: object) -> None:
    with pytest.raises(TrainingError, match="threads: expected a number from 1 to 1024, received"):
        devices.use_threads(threads, threads)
    assert pools == {}


def test_a_tensorflow_that_has_started_keeps_its_threads() -> None:
    tf.constant(1)
    before = devices.threads()
    with pytest.raises(
        TrainingError, match=r"TensorFlow has started with \d+ threads\. To use 1023, start a new process"
    ):
        devices.use_threads(1023, 1023)
    assert devices.threads() == before


@pytest.mark.parametrize(("record", "expected"), [
    ({"threads": {"intra_op": 7, "inter_op": 3}}, {"intra_op": 7, "inter_op": 3}),
    ({"threads": {"intra_op": 10**9, "inter_op": 3}}, {}), ({"threads": {}}, {}), ({}, {}),
], ids=["recorded", "absurd", "empty", "an old run"])  # fmt: skip
def test_the_threads_of_a_run_are_used_again(
    run: Run, pools: dict[str, int], record: dict[str, object], expected: dict[str, int]
) -> None:
    run.update(**record)
    pipeline.restore_threads(run)
    assert pools == expected


def test_a_run_keeps_its_threads_when_it_is_reproduced_and_resumed(
    mnist: Mnist, trained: Path, pools: dict[str, int]
) -> None:
    run, threads = Run(shutil.copytree(trained, Path("first"))), {"intra_op": 3, "inter_op": 5}
    run.update(threads=threads)
    assert mnist("reproduce", "first", "--run-dir", "again").status == 0
    assert Run(Path("again")).record["threads"] == threads
    pools.clear()
    Run(Path("again")).update(status="interrupted")
    process = mnist("train", "--resume", "again")
    assert (process.status, pools) == (0, threads)
    assert "elsewhere" not in process.err


def test_the_threads_of_the_command_are_used_and_recorded(tmp_path: Path) -> None:
    arguments = ["train", "--config", "smoke", "--threads", "3", "--run-dir", "run", *SMALL]
    command = [sys.executable, "-m", "mnist_pipeline", *arguments]
    process = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert process.returncode == 0, process.stderr
    assert Run(tmp_path / "run").record["threads"] == {"intra_op": 3, "inter_op": 3}


@pytest.mark.parametrize("arguments", [["--resume", "x", "--threads", "2"], ["-c", "smoke", "--threads", "0"]])
def test_invalid_threads_are_wrong_usage(mnist: Mnist, arguments: list[str]) -> None:
    assert mnist("train", *arguments).status == 2


@pytest.mark.parametrize("threads", [0, MAX_THREADS + 1])
def test_the_command_takes_as_many_threads_as_training_does(mnist: Mnist, threads: int) -> None:
    assert mnist("train", "-c", "smoke", "--threads", threads).status == 2
    with pytest.raises(TrainingError, match=f"from 1 to {MAX_THREADS}, received {threads}"):
        devices.use_threads(threads, threads)


def test_the_fast_engine_works_on_one_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tiny(tmp_path, "training.engine=fast").config
    model, dataset = build(config, 1), load_dataset(config.data)
    monkeypatch.setattr(tf.distribute.get_strategy().extended.__class__, "_num_replicas_in_sync", 2)
    with pytest.raises(TrainingError, match=r"fast works on one device, and 2 are in use\. Use auto"):
        fit.make_plan(model, config, dataset)


def test_several_devices_do_not_resume_inside_an_epoch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tiny(tmp_path).config
    model, dataset = build(config, 1), load_dataset(config.data)
    monkeypatch.setattr(tf.distribute.get_strategy().extended.__class__, "_num_replicas_in_sync", 2)
    with pytest.raises(TrainingError, match=r"stopped inside an epoch.*CUDA_VISIBLE_DEVICES=0"):
        fit.make_plan(model, config, dataset, 0, 1)
