"""A run -> a function from images to answers; the only place that knows how a model is run."""

import numpy as np
from numpy.typing import NDArray

from mnist_pipeline.config.schema import Config
from mnist_pipeline.run import Run

BATCH = 1024
Outputs = NDArray[np.float32]


def outputs(run: Run, images: NDArray[np.uint8]) -> Outputs:
    """What the model of `run` gives for `images` (n, 28, 28): float32 (n, 10) for digits, (n, 1) otherwise.

    Raises RunError if the run has no model, or not the one that was written.
    """
    from mnist_pipeline.framework import keras

    model = keras.models.load_model(run.model, compile=False)
    given: Outputs = model.predict(images, batch_size=BATCH, verbose=0)
    return given


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


def _sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.exp(-np.logaddexp(0, -values))
