"""Outputs computed by Keras. The model may come from a stranger."""

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_pipeline.errors import RunError, error_reason
from mnist_pipeline.framework import full_float32, keras, preserve_random_state
from mnist_pipeline.models.untrusted.keras_layers import check_layers
from mnist_pipeline.models.untrusted.keras_weights import check_weights
from mnist_pipeline.models.untrusted.limits import MAX_MODEL_BYTES, check_io_and_size
from mnist_pipeline.process import ignore_warnings

BATCH_SIZE = 1024
FLOAT32_BYTES = 4


def compute_outputs(file: Path, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Outputs of the Keras model in `file` for images (n, 28, 28): float32 (n, 10) or (n, 1). Raises RunError."""
    model = load(file)
    batch_size = max(1, min(BATCH_SIZE, MAX_MODEL_BYTES // _output_bytes(model)))
    batches = [images[start : start + batch_size] for start in range(0, len(images), batch_size)]
    try:
        with full_float32():  # `predict` would copy all images
            return np.concatenate([model.predict_on_batch(batch) for batch in batches])
    except Exception as error:  # what a layer of a stranger leads TensorFlow into
        raise RunError(f"{file}: Keras cannot use this model: {error_reason(error)}") from error


def load(file: Path) -> keras.Model:
    """The model in `file`, which is checked before it takes any memory.

    Raises RunError for one that may do harm, is damaged, has other inputs or outputs, or is larger than any config's.
    """
    architecture = check_layers(file)
    try:
        with ignore_warnings(), preserve_random_state():  # weights that are missing are an error as well
            _check(file, _without_weights(architecture))
            return keras.models.load_model(file, compile=False, safe_mode=True)
    except Exception as error:  # readers of JSON, zip and HDF5 raise whatever a damaged file leads them into
        raise RunError(f"{file}: Keras cannot load this model: {error_reason(error)}") from error


def _without_weights(architecture: dict[str, Any]) -> keras.Model:
    """The model of `architecture`; its weights have shapes and no values, so that they take no memory."""
    layers = {name: value for name, value in architecture.items() if name != "compile_config"}
    with keras.StatelessScope(initialize_variables=False):
        return keras.saving.deserialize_keras_object(layers, safe_mode=True)


def _check(file: Path, model: keras.Model) -> None:
    weights = FLOAT32_BYTES * sum(math.prod(variable.shape) for variable in model.variables)
    check_io_and_size(model.input_shape[1:], model.output_shape[1:], weights + _output_bytes(model))
    for layer in model.layers:
        if isinstance(layer, keras.layers.Rescaling):
            _check_rescaling(layer)
    check_weights(file, model.variables, len(model.layers))


def _check_rescaling(layer: keras.layers.Rescaling) -> None:
    """Raise ValueError if the output is larger than the input; Keras assumes that it is not, whatever the factors."""
    shape = layer.output.shape[1:]
    if any(np.broadcast_shapes(shape, np.shape(factor)) != shape for factor in (layer.scale, layer.offset)):
        raise ValueError(f"scale or offset of {layer.name} does not fit its input of {shape}")


def _output_bytes(model: keras.Model) -> int:
    """Bytes of all layers' outputs for one image; `check_layers` has made sure that each layer is called once."""
    return FLOAT32_BYTES * sum(math.prod(layer.output.shape[1:]) for layer in model.layers)
