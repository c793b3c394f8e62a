"""Devices: several of them, and the reasons for none."""

import subprocess
import sys
import textwrap

import pytest

from mnist_pipeline.training import devices


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


def test_hidden_gpus_are_named_as_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert "CUDA_VISIBLE_DEVICES" in devices.why_no_gpu()


def test_a_missing_driver_is_named_as_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(devices.shutil, "which", lambda _: None)
    monkeypatch.setattr(devices.Path, "exists", lambda _: False)
    assert "driver" in devices.why_no_gpu()


def test_a_build_without_cuda_is_named_as_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(devices.shutil, "which", lambda _: "/usr/bin/nvidia-smi")
    monkeypatch.setattr(devices.tf.test, "is_built_with_cuda", lambda: False)
    assert "processors only" in devices.why_no_gpu()
