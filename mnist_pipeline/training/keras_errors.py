"""Distinguish what Keras and TensorFlow refuse from bugs of this package."""

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from mnist_pipeline.config.yaml.document import KeyPath
from mnist_pipeline.errors import error_reason
from mnist_pipeline.framework import keras, tf

# What Keras and TensorFlow raise for an argument or a shape that they refuse.
REFUSALS = (ValueError, TypeError, NotImplementedError, tf.errors.InvalidArgumentError)

# An operation that this GPU would not repeat bit for bit, which TensorFlow then refuses -> what to do about it.
REMEDIES = {"ResizeNearestNeighborGrad": "Give Resizing interpolation: bilinear, or write training.device: cpu"}

OURS, KERAS = (str(Path(file).parent) for file in (Path(__file__).parent, keras.__file__))


class KerasRefusedError(Exception):
    """Keras refuses the value at `path` of the config."""

    def __init__(self, path: KeyPath, message: str) -> None:
        """`message` is Keras' own."""
        super().__init__(message)
        self.path = path


class StepRefusedError(Exception):
    """Keras or TensorFlow refuses a training step."""


def guard_steps(model: keras.Model) -> None:
    """Let the steps of `model` raise StepRefusedError where Keras refuses them.

    Train and test steps; TensorFlow may refuse them too. Keras traces a step when it runs first, so that is where most
    refusals arise.
    """
    model.make_train_function()
    model.make_test_function()
    model.train_function, model.test_function = map(_guarded, (model.train_function, model.test_function))


def _guarded(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def step(iterator: Any) -> Any:
        try:
            return function(iterator)
        except (*REFUSALS, tf.errors.UnimplementedError) as error:
            if _is_ours(error):
                raise
            raise StepRefusedError(_explain(error)) from error

    return step


def _is_ours(error: BaseException) -> bool:
    """Whether this package called what failed, and not Keras.

    The innermost frame of either decides.
    """
    files = [frame for frame in _files(error.__traceback__) if frame.startswith((OURS, KERAS))]
    return files[-1].startswith(OURS)


def _files(traceback: TracebackType | None) -> list[str]:
    """The source files of the frames, the innermost last."""
    files = []
    while traceback:
        files.append(traceback.tb_frame.f_code.co_filename)
        traceback = traceback.tb_next
    return files


def reason(error: BaseException) -> str:
    """The line of `error` that says what is wrong."""
    text = str(error).strip()
    if text.startswith("Graph execution error"):  # followed by many lines on where each operation was defined
        skipped = ("Graph execution error", "Detected at node", "File ", "[[")
        sentences = [line for line in map(str.strip, text.splitlines()) if line and not line.startswith(skipped)]
        text = sentences[0] if sentences else text
    return error_reason(ValueError(text))


def _explain(error: BaseException) -> str:
    """The reason of `error`, and what to do about it."""
    text = reason(error).removesuffix(".")
    if isinstance(error, tf.errors.UnimplementedError) and "determinis" in text.lower():
        remedy = next((REMEDIES[name] for name in REMEDIES if name in text), "Write training.device: cpu")
        return f"this GPU would not repeat it bit for bit. TensorFlow says: {text}. {remedy}"
    return f"{text}. Change the layers, the loss or the metrics of the config"
