"""Answers by LiteRT, in milliseconds and without TensorFlow, from a model that may come from a stranger."""

import math
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_pipeline.environment import usable_cpus
from mnist_pipeline.errors import RunError, error_reason
from mnist_pipeline.models.untrusted.limits import MAX_MODEL_BYTES, check_io_and_size
from mnist_pipeline.native_stderr import capture_native_stderr

BATCH_SIZE = 32  # larger ones leave the caches: 10,000 images then take a third longer

# What the layers of a config become. None of these loops, and none calls anything.
OPERATORS = {
    "ABS", "ADD", "ADD_N", "ARG_MAX", "AVERAGE_POOL_2D", "BATCH_MATMUL", "BATCH_TO_SPACE_ND", "CAST", "CEIL",
    "CONCATENATION", "CONV_2D", "COS", "CUMSUM", "DEPTHWISE_CONV_2D", "DEQUANTIZE", "DIV", "ELU", "EQUAL", "EXP",
    "EXPAND_DIMS", "FLOOR", "FLOOR_DIV", "FLOOR_MOD", "FULLY_CONNECTED", "GATHER", "GATHER_ND", "GELU", "GREATER",
    "GREATER_EQUAL", "HARD_SWISH", "L2_NORMALIZATION", "LEAKY_RELU", "LESS", "LESS_EQUAL", "LOG", "LOGICAL_AND",
    "LOGICAL_NOT", "LOGICAL_OR", "LOGISTIC", "LOG_SOFTMAX", "MAXIMUM", "MAX_POOL_2D", "MEAN", "MINIMUM",
    "MIRROR_PAD", "MUL", "NEG", "NOT_EQUAL", "PACK", "PAD", "PADV2", "POW", "PRELU", "QUANTIZE", "REDUCE_MAX",
    "REDUCE_MIN", "REDUCE_PROD", "RELU", "RELU6", "RELU_0_TO_1", "RELU_N1_TO_1", "RESHAPE", "RESIZE_BILINEAR",
    "RESIZE_NEAREST_NEIGHBOR", "REVERSE_V2", "ROUND", "RSQRT", "SELECT", "SELECT_V2", "SHAPE", "SIGN", "SIN",
    "SLICE", "SOFTMAX", "SPACE_TO_BATCH_ND", "SPLIT", "SPLIT_V", "SQRT", "SQUARE", "SQUARED_DIFFERENCE", "SQUEEZE",
    "STRIDED_SLICE", "SUB", "SUM", "TANH", "TRANSPOSE", "TRANSPOSE_CONV", "UNPACK", "ZEROS_LIKE",
}  # fmt: skip


def compute_outputs(file: Path, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What the LiteRT model in `file` gives for `images` (n, 28, 28): float32 (n, 10) or (n, 1).

    Raises RunError for a model that is damaged, is none of digits, or asks for what no layer of a config needs.
    """
    try:
        with capture_native_stderr():
            return _in_batches(_interpreter(file), images)
    except (ValueError, RuntimeError, MemoryError) as error:
        raise RunError(f"{file}: LiteRT cannot use this model: {error_reason(error)}") from error


def _interpreter(file: Path) -> Any:
    """The model, ready for one image. What it consists of is looked at before it gets any memory."""
    from ai_edge_litert.interpreter import Interpreter

    if file.stat().st_size > MAX_MODEL_BYTES:
        raise ValueError("it is larger than 2 GiB")
    interpreter = Interpreter(os.fspath(file), num_threads=usable_cpus())
    operators = interpreter._get_ops_details()  # noqa: SLF001, there is no public way to see them
    strange = sorted({operator["op_name"] for operator in operators} - OPERATORS)
    if strange:
        raise ValueError(f"it holds {', '.join(strange)}, which no layer of a config needs")
    _check(interpreter)
    interpreter.allocate_tensors()
    _check(interpreter)  # some sizes are known only now
    return interpreter


def _check(interpreter: Any) -> None:
    ends = [*interpreter.get_input_details(), *interpreter.get_output_details()]
    if len(ends) != 2 or any(end["dtype"] != np.float32 or end["shape"][:1].tolist() != [1] for end in ends):
        raise ValueError("it does not turn pictures, one by one, into answers about digits")
    picture, answer = (tuple(map(int, end["shape"][1:])) for end in ends)
    check_io_and_size(picture, answer, _bytes(interpreter))


def _bytes(interpreter: Any) -> int:
    """The bytes of all tensors, weights included."""
    tensors = interpreter.get_tensor_details()
    return sum(math.prod(map(int, each["shape"])) * np.dtype(each["dtype"]).itemsize for each in tensors)


def _in_batches(interpreter: Any, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    place, result = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
    largest = max(1, min(BATCH_SIZE, MAX_MODEL_BYTES // _bytes(interpreter)))
    given: list[NDArray[np.float32]] = []
    size = 1
    for start in range(0, len(images), largest):
        batch = images[start : start + largest].astype(np.float32)
        if len(batch) != size:
            size = len(batch)
            interpreter.resize_tensor_input(place, batch.shape)
            interpreter.allocate_tensors()
        interpreter.set_tensor(place, batch)
        interpreter.invoke()
        given.append(interpreter.get_tensor(result))
    return np.concatenate(given)
