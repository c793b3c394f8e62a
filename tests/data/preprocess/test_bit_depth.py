"""Images of more than 8 bits are read, whatever part of their range they use."""

import io
import struct
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin

from mnist_pipeline.data.preprocess.grayscale import grayscale
from mnist_pipeline.data.preprocess.to_mnist import to_mnist
from mnist_pipeline.errors import ImageError
from tests.data.preprocess.test_read import L_SHAPE, PAGE, content, difference

PAPER = np.asarray(PAGE) / 255  # 1, with ink of 0; 90 x 120
DIGIT = np.zeros((28, 28), np.uint8)
DIGIT[4:24, 12:15], DIGIT[21:24, 12:20] = 255, 200
SMIN, SMAX = 340, 341
SIGNED, FLOAT = 2, 3
KINDS_OF_NUMBER = {"u": 1, "i": SIGNED, "f": FLOAT}
MIN_IS_WHITE = 0


def tiff(values: NDArray[Any], order: str = "<", bits: int = 0, photometric: int = 1, data: bytes = b"") -> bytes:
    """A TIFF of one strip, with tags that Pillow does not write."""
    data = data or values.astype(values.dtype.newbyteorder(order)).tobytes()
    height, width = values.shape
    kind = KINDS_OF_NUMBER[values.dtype.kind]
    tags = {
        256: width, 257: height, 258: bits or values.dtype.itemsize * 8, 259: 1, 262: photometric, 273: 0, 277: 1,
        278: height, 279: len(data), 339: kind,
    }  # fmt: skip
    tags[273] = 8 + 2 + 12 * len(tags) + 4  # where the strip begins
    entries = b"".join(struct.pack(f"{order}HHII", tag, 4, 1, value) for tag, value in tags.items())
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}IH", 8, len(tags))
    return head + entries + bytes(4) + data


def twelve_bits(values: NDArray[np.uint16]) -> bytes:
    """Two numbers in three bytes."""
    first, second = values.ravel()[::2], values.ravel()[1::2]
    packed = np.stack([first >> 4, (first & 15) << 4 | second >> 8, second & 255], axis=1)
    return packed.astype(np.uint8).tobytes()


def brightness(encoded: bytes) -> NDArray[np.float64]:
    return grayscale(Image.open(io.BytesIO(encoded)))


def range_tags(low: float, high: float) -> TiffImagePlugin.ImageFileDirectory_v2:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[SMIN], tags[SMAX] = low, high
    return tags


def deep(values: NDArray[Any], kind: str = "TIFF", **options: Any) -> bytes:
    return content(Image.fromarray(values), kind, **options)


U2 = PAPER.astype(np.uint16)
WRITTEN = {
    **{f"PNG of 16 bits, {top} at most": deep(U2 * top, "PNG") for top in (255, 1020, 4080, 65535)},
    **{f"TIFF of 16 bits, {top} at most": deep(U2 * top) for top in (255, 1020, 4080, 65535)},
    "PGM of 16 bits": deep(U2 * 700, "PPM"),
    "JPEG 2000 of 16 bits": deep(U2 * 700, "JPEG2000"),
    "big-endian": tiff(U2 * 4080, ">"),
    "12 bits": tiff(U2 * 4095, bits=12, data=twelve_bits(U2 * 4095)),
    "12 bits, a small part of them": tiff(U2 * 250, bits=12, data=twelve_bits(U2 * 250)),
    "an offset, and a small part above it": deep(U2 * 400 + 290),
    "signed 16 bits, not negative": tiff((PAPER * 32767).astype(np.int16)),
    "signed 16 bits, all of them": tiff((PAPER * 65535 - 32768.0).astype(np.int16)),
    "32 bits, all of them": deep((PAPER * (2.0**31 - 1)).astype(np.int32)),
    "32 bits, negative too": deep((PAPER * (2.0**32 - 1) - 2**31).astype(np.int32)),
    "32 bits, 255 at most": deep((PAPER * 255).astype(np.int32)),
    "unsigned 32 bits, all of them": tiff((PAPER * (2.0**32 - 1)).astype(np.uint32)),
    "float, 0 to 1": deep(PAPER.astype(np.float32)),
    "float, a dark part of 0 to 1": deep(PAPER.astype(np.float32) * 0.004),
    "float, -1 to 1": deep(PAPER.astype(np.float32) * 2 - 1),
    "float, 0 to 65535": deep(PAPER.astype(np.float32) * 65535),
    "float, very large": deep(PAPER.astype(np.float32) * 3e38),
    "a narrow range that the file names": deep(U2 * 250 + 30_000, tiffinfo=range_tags(30_000, 30_255)),
    "the full range that the file names, of which it uses little": deep(U2 * 255, tiffinfo=range_tags(0, 65535)),
    "a range that the file names and leaves": deep(U2 * 4000, tiffinfo=range_tags(0, 100)),
    "a range that is none": deep(U2 * 4000, tiffinfo=range_tags(7, 7)),
}


@pytest.mark.parametrize("encoded", WRITTEN.values(), ids=WRITTEN)
def test_the_digit_is_read_whatever_the_range(encoded: bytes) -> None:
    assert difference(to_mnist(brightness(encoded)), L_SHAPE) < 2


@pytest.mark.parametrize("order", ["<", ">"], ids=["little-endian", "big-endian"])
@pytest.mark.parametrize("top", [255, 1020, 4080, 65535])
def test_mnists_own_pixels_in_16_bits_come_back_as_they_were(order: str, top: int) -> None:
    made = to_mnist(brightness(tiff(DIGIT.astype(np.uint16) * (top // 255), order)))
    assert np.abs(made.astype(int) - DIGIT).max() <= 1


@pytest.mark.parametrize("top", [100, 127, 128, 255])
def test_numbers_that_fit_8_bits_are_read_alike_in_8_and_16(top: int) -> None:
    values = DIGIT // 255 * top
    np.testing.assert_array_equal(brightness(tiff(values)), brightness(tiff(values.astype(np.uint16))))


@pytest.mark.parametrize("kind", ["16 bits", "float"])
def test_white_is_the_least_number_where_the_file_says_so(kind: str) -> None:
    values = 65535 - DIGIT.astype(np.uint16) * 257
    encoded = tiff(values if kind == "16 bits" else values / np.float32(65535), photometric=MIN_IS_WHITE)
    assert np.abs(to_mnist(brightness(encoded)).astype(int) - DIGIT).max() <= 1


@pytest.mark.parametrize(
    "values",
    [
        np.zeros((30, 30), np.uint16),
        np.full((30, 30), 40_000, np.uint16),
        np.full((30, 30), -7, np.int32),
        np.zeros((30, 30), np.float32),
        np.random.default_rng(0).normal(60_000, 300, (30, 30)).astype(np.uint16),
        *(np.random.default_rng(0).integers(0, top, (200, 200), np.uint16, endpoint=True) for top in (1, 8)),
        np.random.default_rng(0).integers(-4, 4, (200, 200), np.int32, endpoint=True),
    ],
    ids=[
        "black",
        "gray",
        "negative",
        "black float",
        "grain on light paper",
        "a bit of grain on black",
        "grain on black",
        "grain around black",
    ],
)
def test_an_empty_page_is_empty_in_any_depth(values: NDArray[Any]) -> None:
    with pytest.raises(ImageError, match="this image is empty"):
        to_mnist(brightness(tiff(values)))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_pixel_that_is_no_number_is_reported(value: float) -> None:
    values = PAPER.astype(np.float32)
    values[3, 3] = value
    with pytest.raises(ImageError, match="pixels that are not finite"):
        brightness(deep(values))


@pytest.mark.parametrize("dtype", ["<u2", ">u2", "<i2", "<i4", "<u4", "<f4"])
def test_a_very_large_one_is_made_of_means_as_others_are(dtype: str) -> None:
    large = np.kron(PAPER, np.ones((24, 24)))[:-5, :-7]  # 2155 x 2873: reduced, and not evenly
    values = (large * (2.0**15 - 1 if dtype != "<u4" else 2**32 - 1)).astype(dtype)
    made = brightness(tiff(values, dtype[0]))
    assert made.shape == (1078, 1437)
    assert difference(to_mnist(made), L_SHAPE) < 4
