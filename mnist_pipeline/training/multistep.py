"""A Keras model that runs many optimizer steps a call, with images on the device.

By default `fit` returns to Python after every batch. With `steps_per_execution` it runs many batches a call, but still
copies each to the device, which for small networks takes several times as long as the arithmetic. Here a step of `fit`
is a block: the indices of the images of many batches. One compiled loop gathers each batch by its indices and runs
Keras' own training step on it.
"""

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from mnist_pipeline.data.aligned_read import ALIGNMENT
from mnist_pipeline.framework import keras, tf

Examples = tuple[NDArray[Any], NDArray[Any]]


class MultiStepModel(keras.Model):  # type: ignore[misc]
    """Trains `inner` on blocks of image indices, int (batches, batch size).

    These are the data of `fit` and `evaluate`. Callbacks, history, metrics and the optimizer work as in Keras; a block
    counts as one step.
    """

    def __init__(self, inner: keras.Model, train: Examples, validation: Examples | None) -> None:
        """`train`, `validation`: uint8 images (n, 28, 28), 0–255, and their targets."""
        super().__init__(name="multi_step")
        self.inner = inner
        self._train = [on_device(array) for array in train]
        self._validation = [on_device(array) for array in validation or ()]

    def call(self, images: Any, training: bool | None = None) -> Any:
        return self.inner(images, training=training)

    def train_step(self, block: Any) -> Any:
        """Metrics after Keras' training step on each batch of the block."""
        return self._each_batch(self._train, block, super().train_step)

    def test_step(self, block: Any) -> Any:
        """Metrics after Keras' test step on each batch of the block."""
        return self._each_batch(self._validation, block, super().test_step)

    def _each_batch(self, examples: list[Any], block: Any, step: Callable[[Any], Any]) -> Any:
        def body(index: Any) -> tuple[Any]:
            indices = tf.gather(block, index)  # not block[index], which XLA refuses for an empty block
            step(tuple(tf.gather(array, indices) for array in examples))
            return (index + 1,)

        tf.while_loop(lambda index: index < tf.shape(block)[0], body, (0,))
        return self.get_metrics_result()


def on_device(array: NDArray[Any]) -> tf.Tensor:
    """`array` as a tensor on the device that trains."""
    return tf.constant(array) if tf.config.get_visible_devices("GPU") else on_processor(array)


def on_processor(array: NDArray[Any]) -> tf.Tensor:
    """`array` as a tensor in the processor's memory.

    It shares the memory of `array` if that is aligned.
    """
    if array.flags.c_contiguous and array.flags.writeable and array.ctypes.data % ALIGNMENT == 0:
        return tf.experimental.dlpack.from_dlpack(array.__dlpack__())
    with tf.device("CPU:0"):
        return tf.constant(array)
