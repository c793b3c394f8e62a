"""What differs on a GPU, as far as a machine without one can test it."""

import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mnist_pipeline.errors import RunError
from mnist_pipeline.framework import keras, tf
from mnist_pipeline.models import keras_model
from mnist_pipeline.training.automatic import why_not_compiled
from mnist_pipeline.training.keras_errors import reason
from tests.configs import tiny
from tests.conftest import Mnist
from tests.training.test_refusals import SMALL, raising

HEAD = ["Flatten", {"Dense": {"units": 10, "activation": "softmax"}}]


@pytest.fixture
def deterministic(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Keras sees it after tf.config.experimental.enable_op_determinism, which nothing takes back."""
    from tensorflow.python.framework import config

    monkeypatch.setattr(config, "is_op_determinism_enabled", lambda: True)


@pytest.mark.usefixtures("deterministic")
def test_a_jit_compile_that_determinism_forbids_is_reported(mnist: Mnist, recwarn: pytest.WarningsRecorder) -> None:
    done = mnist(*SMALL, "--set", "training.jit_compile=true", "--set", "training.epochs=1")
    assert done.status == 0
    assert "training.jit_compile: true has no effect: on a GPU only operations that repeat" in done.err
    assert not [each for each in recwarn if "jit_compile" in str(each.message)]


def test_layers_that_xla_cannot_compile_are_named(tmp_path: Path) -> None:
    network = SimpleNamespace(layers=[SimpleNamespace(supports_jit=True), keras.layers.RandomRotation(0.1)])
    loaded = tiny(tmp_path, "training.jit_compile=true").config
    why = why_not_compiled(loaded, network, SimpleNamespace(jit_compile=False))
    assert why == "XLA cannot compile RandomRotation"
    assert why_not_compiled(loaded, network, SimpleNamespace(jit_compile=True)) is None
    assert why_not_compiled(tiny(tmp_path).config, network, SimpleNamespace(jit_compile=False)) is None


def test_an_operation_that_a_gpu_cannot_repeat_is_refused_with_a_remedy_and_leaves_no_run(
    mnist: Mnist, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = "A deterministic GPU implementation of ResizeNearestNeighborGrad is not currently available."
    error = tf.errors.UnimplementedError(
        None, None, f"Graph execution error:\n\nDetected at node x\n\n{message}\n\t [[x]]"
    )
    monkeypatch.setattr(keras.losses.CategoricalCrossentropy, "call", raising(error))
    done = mnist(*SMALL)
    assert done.status == 1
    assert "Give Resizing interpolation: bilinear, or write training.device: cpu" in done.err
    assert message in done.err
    assert not list(Path().glob("runs/*"))


def test_an_error_of_tensorflow_is_shown_without_its_traceback() -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4)])
    model.compile(loss="sparse_categorical_crossentropy")
    with pytest.raises(tf.errors.InvalidArgumentError) as refused:
        model.fit(np.zeros((8, 3)), np.full(8, 1000), verbose=0)
    assert reason(refused.value).startswith("Received a label value of 1000 which is outside the valid range")


@pytest.fixture
def _rounding() -> Iterator[None]:
    """TensorFlow as it starts, whatever other tests left."""
    tf.config.experimental.enable_tensor_float_32_execution(True)
    yield
    tf.config.experimental.enable_tensor_float_32_execution(True)


@pytest.mark.usefixtures("_rounding")
@pytest.mark.parametrize("fails", [False, True], ids=["", "even if that fails"])
def test_keras_predicts_without_the_rounding_of_tf32(monkeypatch: pytest.MonkeyPatch, fails: bool) -> None:
    rounded = []

    def predict(images: Any) -> Any:
        rounded.append(tf.config.experimental.tensor_float_32_execution_enabled())
        if fails:
            raise ValueError("out of memory")
        return np.zeros((len(images), 10))

    layers = [SimpleNamespace(output=SimpleNamespace(shape=(None, 10)))]
    model = SimpleNamespace(predict_on_batch=predict, layers=layers)
    monkeypatch.setattr(keras_model, "load", lambda _: model)
    try:
        keras_model.compute_outputs(Path("model.keras"), np.zeros((2, 28, 28), np.uint8))
    except RunError:
        assert fails
    assert rounded == [False]
    assert tf.config.experimental.tensor_float_32_execution_enabled()


def in_a_process_with_two_devices(program: str) -> str:
    """The output of a program in which a second part of the processor stands for a GPU."""
    opening = """
        from mnist_pipeline.framework import tf
        cpu = tf.config.list_physical_devices("CPU")[0]
        tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    """
    text = textwrap.dedent(opening) + textwrap.dedent(program)
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_memory_of_a_gpu_is_taken_as_it_is_needed() -> None:
    program = textwrap.dedent("""
        import tensorflow as tf
        tf.config.list_physical_devices = lambda kind=None: ["one", "two"] if kind == "GPU" else []
        tf.config.experimental.set_memory_growth = lambda gpu, growth: print(gpu, growth)
        from mnist_pipeline import process
        process.own()
        import mnist_pipeline.framework
    """)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.split("\n")[:2] == ["one True", "two True"]


def test_a_training_on_several_devices_learns_and_is_saved_epoch_by_epoch_with_its_learning_rate(
    tmp_path: Path,
) -> None:
    decay = "{initial_learning_rate: 0.1, decay_steps: 1 epochs, decay_rate: 0.5}"
    schedule = f"optimizer={{SGD: {{learning_rate: {{ExponentialDecay: {decay}}}}}}}"
    stdout = in_a_process_with_two_devices(f"""
        import numpy as np
        from pathlib import Path
        from mnist_pipeline import pipeline
        from mnist_pipeline.config.load import load
        from mnist_pipeline.training import devices, fit, multistep

        read_only = np.zeros((2, 28, 28), np.uint8)
        read_only.flags.writeable = False
        with tf.device("CPU:1"):  # tf.data gathers the batches of the stock engine on the processor
            print(multistep.on_processor(read_only).device[-5:], tf.constant(1).device[-5:], hasattr(fit, "on_device"))
        devices.choose_strategy = lambda _: tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
        loaded = load("smoke", ("callbacks=[]", "training.epochs=2", {schedule!r}))
        with pipeline.prepare(loaded, Path({str(tmp_path / "run")!r})) as work:
            print(work.setup.inside_epochs, work.setup.plan.steps)
            pipeline.execute(work)
        first, second = work.run.history
        print(first["learning_rate"][:5], second["learning_rate"][:5], float(second["val_accuracy"]) > 0.3)
        print(work.run.status)
    """)
    images, constants, copied, inside, steps, first, second, learned, status = stdout.split()[:9]
    assert (images, constants, copied) == ("CPU:0", "CPU:1", "False")
    assert (inside, learned, status) == ("False", "True", "finished")
    expected = 0.1 * 0.5 ** (1 - 1 / int(steps))
    assert [float(first), float(second)] == pytest.approx([expected, expected / 2], rel=0.05)
