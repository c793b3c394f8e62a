"""Devices, and several of them at once."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from mnist_pipeline.data.dataset import load_dataset
from mnist_pipeline.environment import usable_cpus
from mnist_pipeline.errors import TrainingError
from mnist_pipeline.framework import tf
from mnist_pipeline.training import devices, engine
from mnist_pipeline.training.model import build
from tests.configs import tiny


@pytest.mark.parametrize(("wanted", "threads"), [("3", 3), ("0", usable_cpus()), ("many", usable_cpus())])
def test_a_run_notes_the_threads_that_the_environment_sets(
    monkeypatch: pytest.MonkeyPatch, wanted: str, threads: int
) -> None:
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", wanted)
    monkeypatch.delenv("TF_NUM_INTEROP_THREADS", raising=False)
    assert devices.describe()["threads"] == {"intra_op": threads, "inter_op": usable_cpus()}


def test_the_fast_engine_says_that_it_works_on_one_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tiny(tmp_path, "training.engine=fast").config
    model, dataset = build(config, 1), load_dataset(config.data)
    monkeypatch.setattr(tf.distribute.get_strategy().extended.__class__, "_num_replicas_in_sync", 2)
    with pytest.raises(TrainingError, match=r"works on one device, and 2 are in use\. Write auto"):
        engine.plan(model, config, dataset)


def test_several_devices_do_not_go_on_inside_an_epoch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tiny(tmp_path).config
    model, dataset = build(config, 1), load_dataset(config.data)
    monkeypatch.setattr(tf.distribute.get_strategy().extended.__class__, "_num_replicas_in_sync", 2)
    with pytest.raises(TrainingError, match=r"stopped inside an epoch.*CUDA_VISIBLE_DEVICES=0"):
        engine.plan(model, config, dataset, 0, 1)


def test_the_same_fit_runs_on_several_devices_at_once() -> None:
    program = textwrap.dedent("""
        from mnist_pipeline.framework import tf

        cpu = tf.config.list_physical_devices("CPU")[0]
        tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
        from mnist_pipeline.config.load import load
        from mnist_pipeline.data.dataset import load_dataset
        from mnist_pipeline.training import engine
        from mnist_pipeline.training.model import build

        config = load("smoke").config
        data = load_dataset(config.data)
        strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
        with strategy.scope():
            model = build(config, engine.steps_per_epoch(config, data.split("train")))
            plan = engine.plan(model, config, data)
        engine.fit(plan, [], 0, config.training.epochs)
        right = (plan.trained().predict(data.test.images, verbose=0).argmax(axis=1) == data.test.labels).mean()
        print(strategy.num_replicas_in_sync, right > 0.4)
    """)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=120)
    assert done.stdout.split() == ["2", "True"], done.stderr
