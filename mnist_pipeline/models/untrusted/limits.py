"""The inputs, outputs and size that every model must have."""

from mnist_pipeline.data.images import SIZE
from mnist_pipeline.tasks import CLASSES

MAX_MODEL_BYTES = 2 * 2**30  # 500,000,000 float32 weights


def check_io_and_size(input_shape: tuple[int, ...], output_shape: tuple[int, ...], size: int) -> None:
    """Raise ValueError unless a model takes images (28, 28) and returns (10,) or (1,).

    It may need MAX_MODEL_BYTES at most. The shapes are those of one image, without the batch; `size` counts the bytes
    of weights and of all outputs for it.
    """
    if input_shape != (SIZE, SIZE) or output_shape not in ((CLASSES,), (1,)):
        raise ValueError(
            f"expected images of 28 x 28 as input and 10 outputs or 1, received {input_shape} and {output_shape}"
        )
    if size > MAX_MODEL_BYTES:
        raise ValueError("it needs more than 2 GiB for one image")
