"""The floor: how many floating-point operations of a matrix product this machine does in a second."""

import time

import tensorflow as tf

from benchmarks.result import print_result

SIZE = 2048
TIMES = 10


def rate(precision: tf.DType) -> float:
    """Operations a second, the best of several products."""
    matrix = tf.cast(tf.random.normal((SIZE, SIZE)), precision)
    seconds = []
    for _ in range(TIMES):
        start = time.perf_counter()
        tf.matmul(matrix, matrix).numpy()
        seconds.append(time.perf_counter() - start)
    return 2 * SIZE**3 / min(seconds)


print_result(float32=rate(tf.float32), bfloat16=rate(tf.bfloat16))
