"""The Python interface: train, load, runs, load_data, and the `Run` they return."""

import os
import threading
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mnist_pipeline.errors import DataError, MnistError, RunError
from mnist_pipeline.python_arguments import (  # fmt: skip
    DATASET,
    load_config,
    read_files,
    to_arrays_or_files,
    to_images,
    to_text,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mnist_pipeline.pipeline import Experiment
    from mnist_pipeline.run import folder as run_folder

    Labeled = tuple[NDArray[np.uint8], NDArray[np.uint8]]

# One training at a time: it seeds the random generators of the process.
_training = threading.Lock()


@dataclass(frozen=True, repr=False)
class Run:
    """One trained model: a folder with its weights, config, history and metrics.

    `mp.train` and `mp.load` return it. All methods raise MnistError: RunError if the folder is damaged or has no
    model yet, DataError, ImageError. Predictions may run in several threads at once. `folder` is absolute.
    """

    folder: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "folder", Path(self.folder).absolute())  # the host may change the current folder

    @property
    def name(self) -> str:
        """The name for `mp.load` and the commands: its folder under `runs/`, or its path."""
        return self._run.name

    @property
    def status(self) -> str:
        """One of training, finished, interrupted, failed."""
        return self._run.status

    @property
    def config(self) -> dict[str, Any]:
        """The whole config, with defaults and overrides.

        `mp.train(run.config)` trains the same model again.
        """
        return self._run.config().config.to_dict()

    @property
    def history(self) -> list[dict[str, float]]:
        """Metrics of each epoch: `[{"epoch": 1, "loss": 0.5, "accuracy": 0.8, ...}, ...]`."""
        from mnist_pipeline.run.files import HISTORY
        from mnist_pipeline.run.history import as_numbers

        return as_numbers(self._run.history, self.folder / HISTORY)

    @property
    def metrics(self) -> dict[str, Any]:
        """The content of `metrics.json`: metrics on the test set, and under `validation` on the validation set.

        Empty before the end of the training.
        """
        return dict(self._run.metrics or {})

    def evaluate(
        self, split: Literal["test", "validation", "train"] = "test", data: str | os.PathLike[str] | None = None
    ) -> dict[str, Any]:
        """Metrics on a split of the data of the run, or of `data`.

        They are those of `mnist evaluate --format json`.

        >>> run.evaluate("validation")["accuracy"]
        >>> run.evaluate(data="my_digits.npz")["confusion_matrix"]
        """
        from mnist_pipeline.metrics.evaluate import evaluate

        return evaluate(self._run, split, None if data is None else to_text(data, "data", DATASET, DataError))

    def predict(
        self,
        images: "NDArray[np.uint8] | str | os.PathLike[str] | Sequence[NDArray[np.uint8] | str | os.PathLike[str]]",
    ) -> list[dict[str, Any]]:
        """One prediction for each image, as `mnist predict --format json` prints them.

        `images`: an array of pixels 0–255, light ink on dark as in MNIST, (n, 28, 28) or (28, 28), or a list of such
        arrays; or image files and folders of them, whose digits are found, cropped and centered. Raises ImageError that
        names each file that cannot be read.

        >>> run.predict(x_test[:2])[0]["digit"]
        >>> run.predict("digit.png")
        [{"image": "digit.png", "digit": 7, "confidence": 0.998, "probabilities": [...]}]
        >>> run.predict(["scans/", Path("photo.jpg")])
        """
        from mnist_pipeline.models.predict import predict

        arrays_or_files = to_arrays_or_files(images)
        if isinstance(arrays_or_files, list):
            files = read_files(arrays_or_files, self._run)
            return predict(self._run, [image for _, image in files], [name for name, _ in files])
        pixels = to_images(arrays_or_files)
        return predict(self._run, list(pixels), [f"image {index}" for index in range(len(pixels))])

    def model(self) -> Any:
        """The Keras model: its input is raw pixels (n, 28, 28), 0–255. Starts TensorFlow.

        A model from elsewhere may be loaded: it is checked first, and cannot run code or fill the memory.

        >>> run.model().predict(x_test).argmax(axis=1)
        """
        from mnist_pipeline.models import keras_model

        return keras_model.load(self._run.model)

    def __repr__(self) -> str:
        try:
            status, accuracy = self.status, self.metrics.get("accuracy")
        except MnistError:
            return f"<Run {self.folder}: cannot be read>"
        return f"<Run {self.name}: {status}{'' if accuracy is None else f', accuracy {accuracy:.4f}'}>"

    @property
    def _run(self) -> "run_folder.Run":
        from mnist_pipeline.run import folder

        return folder.Run(self.folder)


def train(
    config: str | os.PathLike[str] | Mapping[str, Any],
    overrides: Mapping[str, Any] | None = None,
    *,
    run_dir: str | os.PathLike[str] | None = None,
    data: str | os.PathLike[str] | None = None,
    threads: int | None = None,
    verbose: bool = True,
) -> Run:
    """Train a model, evaluate it on the test set, and return its run (`mnist train`).

    >>> run = mp.train("baseline")
    >>> run = mp.train("my.yaml", {"training.epochs": 3, "model.layers.3.Dropout": 0.5})
    >>> run = mp.train({"model": {"layers": [...]}, "loss": "categorical_crossentropy"}, verbose=False)

    Args:
        config: A preset, a YAML file, or a config as a dict. Warnings about it are Python warnings.
        overrides: Other values, by dotted key.
        run_dir: The folder for the run. Default: `runs/<config name>-<UTC time>`.
        data: Data to train on in place of `data.dataset`.
        threads: Thread count, possible only before TensorFlow computes anything, and kept by the process. Default: as
            TensorFlow has it. `run.json` has the number.
        verbose: Print the run's folder, a line for each epoch, and after Ctrl-C what is saved, to stderr.

    A training seeds all random generators. Afterwards these are as they were: Python's `random`, NumPy's global
    generator, TensorFlow's global seed, and Keras' seed, dtype policy, layer names (of this thread), floatx and image
    data format. Not restored: TensorFlow's random operations with a seed of their own begin again; and with
    `training.device: cpu` TensorFlow uses no GPU in this process from then on. A second training waits for the first.
    Another thread that draws from `random` while the network is built can change its first weights.

    The first training starts TensorFlow, whose native code logs to stderr, unless the environment variable
    TF_CPP_MIN_LOG_LEVEL is 3 by then.

    Ctrl-C raises KeyboardInterrupt once the state is saved; `mnist train --resume RUN` continues.

    Raises:
        MnistError: ConfigError with every error of the config, DataError, RunError if `run_dir` is not empty,
            TrainingError.
    """
    loaded = load_config(config, {} if overrides is None else overrides, data)
    folder = None if run_dir is None else Path(to_text(run_dir, "run_dir", "a folder", RunError))
    for warning in loaded.warnings:
        warnings.warn(str(warning), stacklevel=2)
    from mnist_pipeline import pipeline
    from mnist_pipeline.framework import preserve_state

    with _training, preserve_state():
        if threads is not None:
            from mnist_pipeline.training.devices import use_threads

            use_threads(threads, threads)
        with pipeline.prepare(loaded, folder) as experiment:
            _execute(experiment, verbose)
    return Run(experiment.run.folder)


def _execute(experiment: "Experiment", verbose: bool) -> None:
    from mnist_pipeline.pipeline import execute
    from mnist_pipeline.run.status import interruption_message
    from mnist_pipeline.terminal import log

    def tell(line: str) -> None:
        with suppress(OSError):  # stderr is closed
            if verbose:
                log(line)

    tell(f"Run: {experiment.run.folder}")
    try:
        execute(experiment, verbose=verbose)
    except KeyboardInterrupt:
        tell(interruption_message(experiment.run))
        raise


def load(run: str | os.PathLike[str] | Run | None = None) -> Run:
    """The run at a path or of a name under `runs/`, or a Run; default: the newest finished one.

    Raises RunError if there is none.

    >>> mp.load("runs/baseline-20261122-093000")
    <Run baseline-20261122-093000: finished, accuracy 0.9782>
    """
    from mnist_pipeline.run import store

    name = run.folder if isinstance(run, Run) else run
    if name is not None:
        name = to_text(name, "run", "the name or folder of a run", RunError)
    return Run(store.find(name).folder)


def runs(pattern: str | None = None) -> list[Run]:
    """All runs under `runs/`, or the folder in MNIST_RUNS, newest first.

    Unfinished ones too. `pattern` selects them by name, as `mnist runs` does: a shell pattern, or a part of the name.
    Raises RunError if the folder cannot be read.

    >>> max(mp.runs("cnn*"), key=lambda run: run.metrics.get("accuracy", 0))
    """
    from mnist_pipeline.run import sorting, store

    text = "" if pattern is None else to_text(pattern, "pattern", "a shell pattern or a part of a name", RunError)
    return [Run(run.folder) for run in store.all_runs() if sorting.matches(run.name, text)]


def load_data(dataset: str | os.PathLike[str] = "mnist") -> "tuple[Labeled, Labeled]":
    """(x_train, y_train), (x_test, y_test), as keras.datasets.mnist.load_data returns.

    Images are uint8 (n, 28, 28), labels uint8 (n,).

    `dataset`: what `data.dataset` of a config takes. A split that it does not have is empty. Raises DataError.

    >>> (x_train, y_train), (x_test, y_test) = mp.load_data("mnist_sample")
    """
    import numpy as np

    from mnist_pipeline.data.sources import load

    splits = load(to_text(dataset, "dataset", DATASET, DataError)).splits
    empty = np.empty((0, 28, 28), np.uint8), np.empty(0, np.uint8)
    train, test = (
        (splits[name].images, splits[name].labels) if name in splits else empty for name in ("train", "test")
    )
    return train, test
