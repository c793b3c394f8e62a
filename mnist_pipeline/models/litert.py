"""Outputs computed by LiteRT, in milliseconds and without TensorFlow.

The model may come from a stranger.
"""

import math
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_pipeline.environment import usable_cpus
from mnist_pipeline.errors import RunError, error_reason
from mnist_pipeline.models.untrusted.limits import MAX_MODEL_BYTES, check_io_and_size
from mnist_pipeline.models.untrusted.litert_operators import check_operators
from mnist_pipeline.native_stderr import capture_native_stderr

BATCH_SIZE = 32  # larger ones leave the caches: 10,000 images then take a third longer


def compute_outputs(file: Path, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Outputs of the LiteRT model in `file`: float32 (n, 10) or (n, 1).

    `images`: (n, 28, 28). Raises RunError for a model that is damaged, has other inputs or outputs, or needs what no
    layer of a config does.
    """
    try:
        with capture_native_stderr():
            return _in_batches(_load(file), images)
    except (ValueError, RuntimeError, MemoryError) as error:
        raise RunError(f"{file}: LiteRT cannot use this model: {error_reason(error)}") from error


def _load(file: Path) -> Any:
    """The interpreter of the model, ready for one image.

    The model is checked before it gets any memory.
    """
    from ai_edge_litert.interpreter import Interpreter

    if file.stat().st_size > MAX_MODEL_BYTES:
        raise ValueError("it is larger than 2 GiB")
    interpreter = Interpreter(os.fspath(file), num_threads=usable_cpus())
    check_operators(interpreter)
    _check(interpreter)
    interpreter.allocate_tensors()
    _check(interpreter)  # some sizes are known only now
    return interpreter


def _check(interpreter: Any) -> None:
    ends = [*interpreter.get_input_details(), *interpreter.get_output_details()]
    if len(ends) != 2 or any(end["dtype"] != np.float32 or end["shape"][:1].tolist() != [1] for end in ends):
        raise ValueError("expected one float32 input and output for one image at a time")
    input_shape, output_shape = (tuple(map(int, end["shape"][1:])) for end in ends)
    check_io_and_size(input_shape, output_shape, _tensor_bytes(interpreter))


def _tensor_bytes(interpreter: Any) -> int:
    """Bytes of all tensors, weights included."""
    tensors = interpreter.get_tensor_details()
    return sum(math.prod(map(int, each["shape"])) * np.dtype(each["dtype"]).itemsize for each in tensors)


def _in_batches(interpreter: Any, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    [first_input], [first_output] = interpreter.get_input_details(), interpreter.get_output_details()
    batch_size = max(1, min(BATCH_SIZE, MAX_MODEL_BYTES // _tensor_bytes(interpreter)))
    outputs: list[NDArray[np.float32]] = []
    allocated = 1
    for start in range(0, len(images), batch_size):
        batch = images[start : start + batch_size].astype(np.float32)
        if len(batch) != allocated:
            allocated = len(batch)
            interpreter.resize_tensor_input(first_input["index"], batch.shape)
            interpreter.allocate_tensors()
        interpreter.set_tensor(first_input["index"], batch)
        interpreter.invoke()
        outputs.append(interpreter.get_tensor(first_output["index"]))
    return np.concatenate(outputs)
