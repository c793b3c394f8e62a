"""Values are read into memory that TensorFlow can share without a copy."""

import io

import numpy as np
import pytest

from mnist_pipeline.data.aligned_read import ALIGNMENT, CHUNK, aligned_read


@pytest.mark.parametrize("count", [1, 100, CHUNK, CHUNK + 1, 3 * CHUNK + 7])
def test_the_next_values_of_a_file_are_read_and_no_more(count: int) -> None:
    content = np.random.default_rng(0).bytes(4 * CHUNK)
    opened = io.BytesIO(content)
    assert aligned_read(opened, count).tobytes() == content[:count]
    assert opened.tell() == count


def test_a_file_that_ends_before_gives_what_there_is() -> None:
    assert aligned_read(io.BytesIO(b"abc"), 1_000_000).tobytes() == b"abc"


def test_the_values_lie_where_tensorflow_can_share_them() -> None:
    addresses = [aligned_read(io.BytesIO(bytes(count)), count).ctypes.data for count in (1, 784, 5 * CHUNK)]
    assert all(address % ALIGNMENT == 0 for address in addresses)
