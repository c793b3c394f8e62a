"""A program that imports the package, and compares its process before and after.

`python -m tests.guest RUN IMAGE`, in an empty folder, with a keras.json of its own: see `test_python_interface`.
"""

import ctypes
import gc
import json
import logging
import os
import random
import signal
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from mnist_pipeline import process
from mnist_pipeline.native_stderr import LOG_LEVEL

# The variables that the owner of a process sets.
OURS = {*process.OWNERS_ENVIRONMENT, LOG_LEVEL, "KERAS_BACKEND"}
LIBRARY_CALLS: list[str] = []


class Spy(ctypes.CDLL):
    """Notes the functions of C libraries that are looked up."""

    def __getattr__(self, name: str) -> Any:
        LIBRARY_CALLS.append(name)
        return super().__getattr__(name)


def process_state() -> dict[str, Any]:
    """What belongs to the host."""
    stderr = os.fstat(2)
    return {
        "environment": set(os.environ.items()),
        "signal handlers": [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)],
        "garbage collection": (gc.isenabled(), gc.get_freeze_count(), gc.get_threshold()),
        "hidden modules": [name for name, module in sys.modules.items() if module is None],
        "stderr": (stderr.st_dev, stderr.st_ino, sys.stderr),
        "folder": Path.cwd(),
        "random": random.getstate(),
        "levels of loggers": [logging.getLogger(name).level for name in ("", "absl", "tensorflow")],
    }


def library_state() -> dict[str, Any]:
    """What belongs to the host of the settings of Python, NumPy, Keras and Pillow."""
    import keras
    import numpy as np
    from PIL import Image, ImageFile

    return {
        "warnings": list(warnings.filters),
        "numpy": [str(part) for part in np.random.get_state()],  # noqa: NPY002, a host may use it
        "keras": (
            keras.config.floatx(), keras.config.image_data_format(), keras.config.backend(), keras.config.epsilon(),
            keras.config.dtype_policy().name, keras.utils.get_random_seed() if hasattr(keras.utils, "get_random_seed")
            else None,
        ),
        "pillow": (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES),
    }  # fmt: skip


def draws() -> list[Any]:
    """Random numbers of each generator, and the name that Keras gives the next layer."""
    import keras
    import numpy as np
    import tensorflow as tf

    values = [random.random(), np.random.random()]  # noqa: NPY002, S311, a host may use them
    tensors = [tf.random.uniform([]), keras.random.uniform([])]
    return [*values, *map(float, tensors), keras.layers.Dense(1).name]


def require_same(before: dict[str, Any], after: dict[str, Any]) -> None:
    changed = {name: (value, after[name]) for name, value in before.items() if value != after[name]}
    assert not changed, str(changed)[:1000]


def train_in_a_thread() -> None:
    """The package imports TensorFlow, in a thread that receives no signals."""
    import mnist_pipeline as mp

    before = process_state()
    with ThreadPoolExecutor(1) as threads:
        run = threads.submit(mp.train, "smoke", {"training.epochs": 1}, verbose=False).result()
    assert run.status == "finished"
    assert "sklearn" in sys.modules, "installed, imported by Keras, and hidden from it"
    after = process_state()
    imports_change = {"environment"}  # TensorFlow, h5py and scikit-learn set variables of their own
    require_same({name: before[name] for name in before.keys() - imports_change}, after)
    assert not OURS & os.environ.keys()
    assert "mallopt" not in LIBRARY_CALLS
    import keras

    assert (keras.config.floatx(), keras.config.image_data_format()) == ("float64", "channels_first")  # of keras.json


def train_beside_the_hosts_own_model() -> None:
    import keras

    import mnist_pipeline as mp

    keras.config.set_dtype_policy("mixed_bfloat16")
    keras.utils.set_random_seed(5)
    keras.layers.Dense(1)
    expected = [draws(), draws()]
    keras.utils.clear_session()
    keras.config.set_dtype_policy("mixed_bfloat16")
    keras.utils.set_random_seed(5)
    keras.layers.Dense(1)
    actual = [draws()]
    before = process_state() | library_state()
    run = mp.train("smoke", {"training.epochs": 1}, verbose=False)
    require_same(before, process_state() | library_state())
    actual.append(draws())
    assert actual == expected, (actual, expected)
    record = json.loads((run.folder / "run.json").read_text())
    assert record["threads"]["intra_op"] == int(os.environ["TF_NUM_INTRAOP_THREADS"])


def predict_in_threads(run_name: str, image_file: str) -> None:
    import mnist_pipeline as mp

    run, (_, (images, _)) = mp.load(run_name), mp.load_data("mnist_sample")
    parts = [images[:300], images[300:600]]
    expected = [run.predict(part) for part in parts]
    before, wait = process_state() | library_state(), threading.Barrier(4)

    def predict(part: Any) -> list[list[dict[str, Any]]]:
        wait.wait()
        return [run.predict(part) for _ in range(5)]

    def evaluate(_: Any) -> list[float]:
        wait.wait()
        return [float(run.model().predict_on_batch(images[:50]).sum()) for _ in range(3)]

    with ThreadPoolExecutor(4) as threads:
        first, second, files = (threads.submit(predict, part) for part in (*parts, [image_file] * 20))
        keras_sums = threads.submit(evaluate, None)
    assert (first.result(), second.result()) == ([expected[0]] * 5, [expected[1]] * 5)
    assert all(len(each) == 20 for each in files.result())
    assert len(set(keras_sums.result())) == 1
    require_same(before, process_state() | library_state())


def main() -> None:
    ctypes.CDLL = Spy  # type: ignore[misc]
    gc.disable()
    signal.signal(signal.SIGTERM, lambda *_: None)
    train_in_a_thread()
    train_beside_the_hosts_own_model()
    predict_in_threads(*sys.argv[1:])


if __name__ == "__main__":
    main()
