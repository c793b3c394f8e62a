"""What Keras and TensorFlow refuse while they trace and make the steps of a training, told from errors of callbacks."""

from collections.abc import Callable
from typing import Any

from mnist_pipeline.errors import error_reason
from mnist_pipeline.framework import keras, tf
from mnist_pipeline.training.build import REFUSALS

# What a GPU cannot do alike twice, which TensorFlow then refuses -> what to do about it.
REMEDIES = {"ResizeNearestNeighborGrad": "Give Resizing interpolation: bilinear, or write training.device: cpu"}


class StepRefusedError(Exception):
    """Keras or TensorFlow refuses a step."""


def guard_steps(model: keras.Model) -> None:
    """Have the steps of `model`, which Keras traces when it makes the first, raise StepRefusedError."""
    model.make_train_function()
    model.make_test_function()
    model.train_function, model.test_function = map(_guarded, (model.train_function, model.test_function))


def _guarded(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def step(iterator: Any) -> Any:
        try:
            return function(iterator)
        except (*REFUSALS, tf.errors.UnimplementedError) as error:
            raise StepRefusedError(reason(error)) from error

    return step


def reason(error: BaseException) -> str:
    """The sentence of `error` that says what is wrong, and, on a GPU that would not repeat it, what to do."""
    text = str(error).strip()
    if text.startswith("Graph execution error"):  # where each operation comes from stands first, over many lines
        skipped = ("Graph execution error", "Detected at node", "File ", "[[")
        sentences = [line for line in map(str.strip, text.splitlines()) if line and not line.startswith(skipped)]
        text = sentences[0] if sentences else text
    text = error_reason(ValueError(text))
    if isinstance(error, tf.errors.UnimplementedError) and "determinis" in text.lower():
        remedy = next((REMEDIES[name] for name in REMEDIES if name in text), "Write training.device: cpu")
        return f"this GPU would not repeat it bit for bit. {remedy}. TensorFlow says: {text}"
    return text
