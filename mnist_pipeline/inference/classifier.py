"""A run -> a function from images to answers; the only place that knows how a model is run."""

import os
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mnist_pipeline.config.schema import Config
from mnist_pipeline.environment import usable_cpus
from mnist_pipeline.errors import RunError
from mnist_pipeline.inference.inspection import inspect
from mnist_pipeline.quiet import quiet
from mnist_pipeline.run import Run

KERAS_BATCH = 1024
LITERT_BATCH = 32  # larger ones leave the caches: 10,000 images then take a third longer

Runtime = Literal["auto", "keras"]
Outputs = NDArray[np.float32]


def outputs(run: Run, images: NDArray[np.uint8], runtime: Runtime = "auto") -> Outputs:
    """What the model of `run` gives for `images` (n, 28, 28): float32 (n, 10) for digits, (n, 1) otherwise.

    `auto`: by LiteRT, without TensorFlow, if the run has such a model. Raises RunError if it has no model, or not the
    one that was written.
    """
    file = run.tflite if runtime == "auto" else None
    return _by_litert(os.fspath(file), images) if file else _by_keras(run, images)


def compare_runtimes(run: Run, images: NDArray[np.uint8], config: Config) -> dict[str, Any]:
    """How far LiteRT is from Keras on `images`: how many answers differ, and the largest difference of an output."""
    lite, stock = outputs(run, images), outputs(run, images, "keras")
    differ = int((answers(lite, config) != answers(stock, config)).sum())
    return {
        "images": len(images),
        "answers_differ": differ,
        "largest_difference": float(np.abs(lite - stock).max()),
        "used": differ == 0,
    }


def answers(given: Outputs, config: Config) -> NDArray[np.int64]:
    """The answer in each row of outputs: the likeliest digit, 1 for yes and 0 for no, or the nearest digit."""
    match config.data.kind:
        case "positive":
            return (probabilities(given, config) >= 0.5).astype(np.int64)
        case "value":
            return np.clip(np.rint(np.nan_to_num(given[:, 0])), 0, 9).astype(np.int64)
    return given.argmax(axis=1)


def probabilities(given: Outputs, config: Config) -> NDArray[np.float64]:
    """Outputs as probabilities, float64: (n, 10) with rows that sum to 1 for digits, (n,) for yes or no.

    Logits go through softmax or sigmoid; outputs that are neither (as after a mean squared error) are cut to 0 - 1,
    and for digits divided by their sum.
    """
    values = given.astype(np.float64)
    logits = config.loss.config.get("from_logits", False)
    if config.data.kind == "positive":
        return _sigmoid(values[:, 0]) if logits else np.clip(values[:, 0], 0, 1)
    if logits:
        values = np.exp(values - values.max(axis=1, keepdims=True))
    shares = np.clip(values, 0, None)
    total = shares.sum(axis=1, keepdims=True)
    uniform = np.full_like(shares, 1 / shares.shape[1])
    return np.divide(shares, total, out=uniform, where=total > 0)


def keras_model(run: Run) -> Any:
    """The Keras model of `run`. Raises RunError if it has none, another than was written, or one that may do harm."""
    from mnist_pipeline.framework import keras

    file = inspect(run.model)
    try:
        return keras.models.load_model(file, compile=False, safe_mode=True)
    except (OSError, ValueError, TypeError) as error:
        raise RunError(f"{file}: this Keras cannot load it: {str(error).splitlines()[0]}") from error


def _by_keras(run: Run, images: NDArray[np.uint8]) -> Outputs:
    given: Outputs = keras_model(run).predict(images, batch_size=KERAS_BATCH, verbose=0)
    return given


def _by_litert(file: str, images: NDArray[np.uint8]) -> Outputs:
    with quiet():
        from ai_edge_litert.interpreter import Interpreter

        interpreter = Interpreter(file, num_threads=usable_cpus())
        place, result = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
        given: list[Outputs] = []
        size = 0
        for start in range(0, len(images), LITERT_BATCH):
            batch = images[start : start + LITERT_BATCH].astype(np.float32)
            if len(batch) != size:
                size = len(batch)
                interpreter.resize_tensor_input(place, batch.shape)
                interpreter.allocate_tensors()
            interpreter.set_tensor(place, batch)
            interpreter.invoke()
            given.append(interpreter.get_tensor(result))
    return np.concatenate(given)


def _sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.exp(-np.logaddexp(0, -values))
