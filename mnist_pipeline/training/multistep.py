"""A Keras model whose images live on the device, so that one call of its step runs many optimizer steps.

Stock `fit` goes back to Python after every batch and copies every batch anew; for small networks that takes several
times as long as the arithmetic. Here a step of `fit` is a block: the numbers of the images of many batches. One
compiled loop gathers each batch by these numbers, and does with it what Keras' own step does.
"""

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from mnist_pipeline.data.aligned_read import ALIGNMENT
from mnist_pipeline.framework import keras, tf

Examples = tuple[NDArray[Any], NDArray[Any]]


def on_device(array: NDArray[Any]) -> tf.Tensor:
    """`array` where the arithmetic is."""
    return tf.constant(array) if tf.config.get_visible_devices("GPU") else on_processor(array)


def on_processor(array: NDArray[Any]) -> tf.Tensor:
    """`array` in the memory of the processor: in the memory that it has, so held once, if that is aligned."""
    if array.flags.c_contiguous and array.flags.writeable and array.ctypes.data % ALIGNMENT == 0:
        return tf.experimental.dlpack.from_dlpack(array.__dlpack__())
    with tf.device("CPU:0"):
        return tf.constant(array)


class MultiStepModel(keras.Model):  # type: ignore[misc]
    """Trains the model inside it. `fit` and `evaluate` take blocks of row numbers, int (batches, batch size).

    Callbacks, history, metrics and the optimizer work as in Keras; a block counts as one step.
    """

    def __init__(self, inner: keras.Model, train: Examples, validation: Examples | None) -> None:
        """`train`, `validation`: uint8 images (n, 28, 28) and the targets of as many."""
        super().__init__(name="resident")
        self.inner = inner
        self._train = [on_device(array) for array in train]
        self._validation = [on_device(array) for array in validation or ()]

    def call(self, images: Any, training: bool | None = None) -> Any:
        """What the model inside gives."""
        return self.inner(images, training=training)

    def train_step(self, block: Any) -> Any:
        """Keras' step for each batch of the block; the metrics after the last."""
        return self._each_batch(self._train, block, super().train_step)

    def test_step(self, block: Any) -> Any:
        """Keras' step for each batch of the block; the metrics after the last."""
        return self._each_batch(self._validation, block, super().test_step)

    def _each_batch(self, examples: list[Any], block: Any, step: Callable[[Any], Any]) -> Any:
        def body(index: Any) -> tuple[Any]:
            rows = tf.gather(block, index)  # not block[index], which XLA refuses of an empty block
            step(tuple(tf.gather(array, rows) for array in examples))
            return (index + 1,)

        tf.while_loop(lambda index: index < tf.shape(block)[0], body, (0,))
        return self.get_metrics_result()
