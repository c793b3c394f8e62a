"""Devices, and several of them at once."""

import subprocess
import sys
import textwrap


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
