"""What no model of digits needs more than."""

from mnist_pipeline.data.images import SIZE
from mnist_pipeline.tasks import CLASSES

MAX_MODEL_BYTES = 2 * 2**30  # in bytes: a model has 500,000,000 weights at most


def check_io_and_size(picture: tuple[int, ...], answer: tuple[int, ...], size: int) -> None:
    """Raise ValueError unless a model turns a picture of 28 x 28 into an answer about digits, in `size` bytes at most.

    `picture` and `answer` are shapes without the batch; `size` is what weights and values take for one picture.
    """
    if picture != (SIZE, SIZE) or answer not in ((CLASSES,), (1,)):
        raise ValueError("it does not turn pictures of 28 x 28 into answers about digits")
    if size > MAX_MODEL_BYTES:
        raise ValueError("it needs more than 2 GiB for one picture")
