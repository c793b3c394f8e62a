"""An image of a digit becomes one like MNIST's, or an error says why not."""

import io
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hypothesis_numpy
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw

from mnist_pipeline.cli.main import main
from mnist_pipeline.data import sources
from mnist_pipeline.data.images import Images
from mnist_pipeline.data.preprocess.crop import INK
from mnist_pipeline.data.preprocess.grayscale import grayscale
from mnist_pipeline.data.preprocess.read import read_image
from mnist_pipeline.data.preprocess.to_mnist import to_mnist
from mnist_pipeline.errors import ImageError

Pixels = NDArray[np.uint8]


@pytest.fixture(scope="module")
def digits() -> Images:
    """500 images, 50 of each digit."""
    return sources.load("mnist_sample").splits["test"][:500]


@pytest.fixture(scope="module")
def seven(digits: Images) -> Pixels:
    """Light on dark, 28 x 28, and the same neither mirrored nor turned."""
    return digits.images[7]


def drawn(
    digit: Pixels, rng: np.random.Generator, paper: float = 255, ink: float = 0, sizes: tuple[int, int] = (40, 260),
    grain: float = 0, pressure: float = 1,
) -> Pixels:  # fmt: skip
    """`digit` on a page of 300 x 400, at a random size and place.

    `pressure`: below 1 for thick strokes, above 1 for thin ones.
    """
    height, width = 300, 400
    size = int(rng.integers(sizes[0], sizes[1] + 1))
    large = Image.fromarray(digit).resize((size, size), Image.Resampling.BICUBIC)
    top, left = int(rng.integers(0, height - size + 1)), int(rng.integers(0, width - size + 1))
    cover = np.zeros((height, width), np.float32)
    cover[top : top + size, left : left + size] = (np.asarray(large) / 255) ** pressure
    page = paper * (1 - cover) + ink * cover
    if grain:
        page = page + rng.normal(0, grain, cover.shape)
    return np.rint(np.clip(page, 0, 255)).astype(np.uint8)


def page(size: tuple[int, int] = (120, 90), box: tuple[int, int, int, int] = (30, 20, 50, 70)) -> Image.Image:
    """White with a black L of unequal arms in `box` (left, top, right, bottom)."""
    image = Image.new("L", size, 255)
    left, top, right, bottom = box
    draw = ImageDraw.Draw(image)
    draw.rectangle((left, top, left + (right - left) // 3, bottom - 1), fill=0)
    draw.rectangle((left, bottom - (bottom - top) // 5, right - 1, bottom - 1), fill=0)
    return image


def as_array(image: Image.Image) -> NDArray[np.float64]:
    return np.asarray(image, dtype=np.float64)


PAGE = page()
L_SHAPE = to_mnist(as_array(PAGE))


def content(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    encoded = io.BytesIO()
    image.save(encoded, kind, **options)
    return encoded.getvalue()


def read_bytes(tmp_path: Path, encoded: bytes) -> Pixels:
    file = tmp_path / "image"
    file.write_bytes(encoded)
    return read_image(str(file))


def difference(one: Pixels, other: Pixels) -> float:
    """The mean difference in gray levels."""
    return float(np.abs(one.astype(float) - other).mean())


def extent(image: Pixels) -> tuple[int, int]:
    """Height and width of what is not background."""
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    return int(rows[-1] - rows[0] + 1), int(columns[-1] - columns[0] + 1)


# MNIST's recipe


def test_mnists_own_images_are_returned_byte_for_byte(tmp_path: Path, digits: Images) -> None:
    for image in digits.images[:30]:
        np.testing.assert_array_equal(read_bytes(tmp_path, content(Image.fromarray(image))), image)


def test_a_digit_that_is_turned_dark_on_light_comes_back_byte_for_byte(digits: Images) -> None:
    """Where nothing has to be scaled, fitting and centering are MNIST's own."""
    compared = 0
    for image in digits.images:
        strong = image * (image >= 255 * INK)
        if extent(strong) == extent(image) and max(extent(image)) == 20 and image.max() == 255:
            np.testing.assert_array_equal(to_mnist(255.0 - image), image)
            compared += 1
    assert compared > 200


def test_a_digit_drawn_large_and_dark_comes_back_much_like_mnists(digits: Images) -> None:
    rng = np.random.default_rng(0)
    pages = [drawn(image, rng).astype(np.float64) for image in digits.images[:100]]
    mean = np.mean([difference(to_mnist(each), image) for each, image in zip(pages, digits.images, strict=False)])
    assert mean < 10


boxes = st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(8, 60), st.integers(8, 60))


@settings(deadline=None)
@given(box=boxes)
def test_the_longer_side_is_20_pixels_and_proportions_are_kept(box: tuple[int, int, int, int]) -> None:
    left, top, width, height = box
    made = to_mnist(as_array(page((140, 140), (left + 5, top + 5, left + 5 + width, top + 5 + height))))
    rows, columns = extent(made)
    assert max(rows, columns) == 20
    assert abs(rows - 20 * height / max(width, height)) <= 1
    assert abs(columns - 20 * width / max(width, height)) <= 1
    assert made.max() == 255


@settings(deadline=None)
@given(box=boxes)
def test_the_center_of_mass_lies_within_half_a_pixel_of_mnists(box: tuple[int, int, int, int]) -> None:
    """MNIST's is the pixel 14, 14, counted from 0, as far as the frame allows."""
    left, top, width, height = box
    made = to_mnist(as_array(page((140, 140), (left + 5, top + 5, left + 5 + width, top + 5 + height)))).astype(float)
    for axis, length in enumerate(extent(made.astype(np.uint8))):
        line = made.sum(axis=1 - axis)
        center = (line * np.arange(28)).sum() / line.sum()
        first = int(np.flatnonzero(line)[0])
        at_the_frame = first == 0 or first + length == 28
        assert at_the_frame or abs(center - 14) <= 0.51


@pytest.mark.parametrize("place", [(0, 0), (1, 30), (70, 40), (100, 40)], ids=str)
def test_the_place_on_the_page_does_not_matter(place: tuple[int, int]) -> None:
    left, top = place
    moved = page(box=(left, top, left + 20, top + 50))
    np.testing.assert_array_equal(to_mnist(as_array(moved)), L_SHAPE)


@pytest.mark.parametrize("scale", [2, 3, 8, 25])
def test_the_size_does_not_matter(scale: int) -> None:
    large = PAGE.resize((PAGE.width * scale, PAGE.height * scale), Image.Resampling.NEAREST)
    assert difference(to_mnist(as_array(large)), L_SHAPE) < 4


@pytest.mark.parametrize("factor", [0.2, 0.5, 0.9])
def test_the_strength_of_the_ink_does_not_matter(factor: float) -> None:
    assert difference(to_mnist(255 - factor * (255 - as_array(PAGE))), L_SHAPE) < 1


@pytest.mark.parametrize("paper", [60, 128, 200])
def test_the_paper_may_be_gray(paper: float) -> None:
    assert difference(to_mnist(as_array(PAGE) / 255 * paper), L_SHAPE) < 1


def test_light_on_dark_is_read_as_dark_on_light_is(tmp_path: Path) -> None:
    np.testing.assert_array_equal(to_mnist(255 - as_array(PAGE)), L_SHAPE)


def test_a_28_x_28_image_of_dark_on_light_is_inverted(seven: Pixels) -> None:
    made = to_mnist(255.0 - seven)
    assert made[0].max() == 0
    assert np.corrcoef(made.ravel(), 255.0 - seven.ravel())[0, 1] < 0


def test_a_28_x_28_image_of_black_on_dark_gray_is_inverted(seven: Pixels) -> None:
    paper = 100.0
    made = to_mnist(paper - seven / 255 * paper)
    assert made[0].max() == 0
    assert made.max() == 255


def test_a_speckle_weaker_than_ink_is_not_taken_for_it() -> None:
    speckled = as_array(PAGE)
    speckled[5, 100] = 255 * (1 - INK) + 5
    np.testing.assert_array_equal(to_mnist(speckled), L_SHAPE)


@pytest.mark.parametrize("size", [(1, 1), (1, 28), (28, 1), (3, 200), (28, 28), (29, 28)], ids=str)
@pytest.mark.parametrize("shade", [0, 100, 255])
def test_an_empty_page_is_reported(size: tuple[int, int], shade: float) -> None:
    with pytest.raises(ImageError, match="this image is empty"):
        to_mnist(np.full(size, float(shade)))


shapes = hypothesis_numpy.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=40) | st.just((28, 28))


@settings(deadline=None, max_examples=200)
@given(brightness=hypothesis_numpy.arrays(np.float64, shapes, elements=st.floats(0, 255), fill=st.just(255.0)))
def test_any_brightness_becomes_a_digit_or_nothing_is_on_it(brightness: NDArray[np.float64]) -> None:
    try:
        made = to_mnist(brightness)
    except ImageError:
        return
    assert made.shape == (28, 28)
    assert made.dtype == np.uint8
    assert made.any()


# Kinds of image


def transparent(ink: int, mode: str) -> Image.Image:
    """The L, of that brightness, on nothing."""
    opacity = Image.fromarray(255 - np.asarray(PAGE))
    return Image.merge("LA", (Image.new("L", PAGE.size, ink), opacity)).convert(mode)


def deep() -> Image.Image:
    return Image.fromarray(np.asarray(PAGE).astype(np.uint16) * 257)


def palette_with_transparency() -> Image.Image:
    image = PAGE.convert("1").convert("P")
    image.info["transparency"] = int(np.asarray(image)[0, 0])
    return image


@pytest.mark.parametrize("kind", ["PNG", "BMP", "GIF", "TIFF", "WEBP", "JPEG", "AVIF", "PPM"])
def test_every_usual_kind_of_file_is_read(tmp_path: Path, kind: str) -> None:
    lossless = {"lossless": True} if kind == "WEBP" else {"quality": 95} if kind in ("JPEG", "AVIF") else {}
    assert difference(read_bytes(tmp_path, content(PAGE, kind, **lossless)), L_SHAPE) < 2


@pytest.mark.parametrize(
    ("image", "kind"),
    [
        (PAGE, "PNG"),
        (PAGE.convert("1"), "PNG"),
        (PAGE.convert("P"), "PNG"),
        (PAGE.convert("RGB"), "PNG"),
        (PAGE.convert("RGBA"), "PNG"),
        (PAGE.convert("LA"), "PNG"),
        (transparent(0, "LA"), "PNG"),
        (transparent(0, "RGBA"), "PNG"),
        (transparent(255, "LA"), "PNG"),
        (transparent(255, "RGBA"), "WEBP"),
        (palette_with_transparency(), "PNG"),
        (palette_with_transparency(), "GIF"),
        (deep(), "PNG"),
        (deep(), "TIFF"),
        (PAGE.convert("F"), "TIFF"),
        (Image.fromarray((as_array(PAGE) / 255).astype(np.float32)), "TIFF"),
        (Image.fromarray(np.asarray(PAGE).astype(np.int32) * 257), "TIFF"),
        (PAGE.convert("RGB").convert("CMYK"), "TIFF"),
        (PAGE.convert("RGB").convert("CMYK"), "JPEG"),
        (PAGE.convert("RGB").convert("YCbCr"), "JPEG"),
    ],
    ids=[
        "L", "1", "P", "RGB", "opaque RGBA", "opaque LA", "dark ink on nothing, LA", "dark ink on nothing, RGBA",
        "light ink on nothing, LA", "light ink on nothing, RGBA", "transparent P", "transparent GIF", "16 bits PNG",
        "16 bits TIFF", "float of 0 to 255", "float of 0 to 1", "32 bits TIFF", "CMYK TIFF", "CMYK JPEG", "YCbCr JPEG",
    ],
)  # fmt: skip
def test_every_mode_gives_the_same_digit(tmp_path: Path, image: Image.Image, kind: str) -> None:
    assert difference(read_bytes(tmp_path, content(image, kind)), L_SHAPE) < 2


@pytest.mark.parametrize("scale", [1, 20])
@pytest.mark.parametrize("ink", [0, 255])
def test_gray_that_is_premultiplied_with_its_opacity_is_read(tmp_path: Path, ink: int, scale: int) -> None:
    layers = transparent(ink, "LA").resize((PAGE.width * scale, PAGE.height * scale), Image.Resampling.NEAREST)
    value, opacity = layers.split()
    premultiplied = Image.merge("LA", (ImageChops.multiply(value, opacity), opacity))
    unspecified, associated = (b"\x52\1\3\0\1\0\0\0" + bytes([kind]) for kind in (2, 1))  # in ExtraSamples
    encoded = content(premultiplied, "TIFF").replace(unspecified, associated)
    assert Image.open(io.BytesIO(encoded)).mode == "La"
    assert difference(read_bytes(tmp_path, encoded), L_SHAPE) < 4


def test_the_color_of_ink_and_paper_does_not_matter(tmp_path: Path) -> None:
    mask = Image.fromarray(255 - np.asarray(PAGE))
    blue_on_yellow = Image.new("RGB", PAGE.size, (250, 240, 160))
    blue_on_yellow.paste((20, 30, 150), mask=mask)
    assert difference(read_bytes(tmp_path, content(blue_on_yellow)), L_SHAPE) < 1


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_photograph_is_turned_upright_as_its_camera_says(tmp_path: Path, kind: str, orientation: int) -> None:
    turned = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    held = PAGE.transpose(turned[orientation]) if orientation in turned else PAGE
    assert difference(read_bytes(tmp_path, content(held, kind, exif=exif)), L_SHAPE) < 2


@pytest.mark.parametrize("kind", ["GIF", "TIFF"])
def test_the_first_of_several_frames_is_read(tmp_path: Path, kind: str) -> None:
    blank = Image.new("L", PAGE.size, 255)
    assert difference(read_bytes(tmp_path, content(PAGE, kind, save_all=True, append_images=[blank])), L_SHAPE) < 1


# Metadata


def with_chunk(name: bytes, data: bytes, checksum: int | None = None) -> bytes:
    """The page as a PNG with that chunk behind its header."""
    check = zlib.crc32(name + data) if checksum is None else checksum
    encoded = content(PAGE)
    return encoded[:33] + len(data).to_bytes(4, "big") + name + data + check.to_bytes(4, "big") + encoded[33:]


def with_segment(data: bytes) -> bytes:
    """The page as a JPEG with that APP1 segment."""
    encoded = content(PAGE, "JPEG", quality=95)
    return encoded[:2] + b"\xff\xe1" + (len(data) + 2).to_bytes(2, "big") + data + encoded[2:]


@pytest.mark.parametrize(
    "encoded",
    [
        with_chunk(b"eXIf", b"bad"),
        with_chunk(b"eXIf", b"MM\0*\0\0\0\x08\xff\xff\x01\x12\0\x05\0\0\0\x09\xff\xff\xff\xff"),
        with_chunk(b"eXIf", content(PAGE), checksum=5),
        with_chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(b"\nexif\n  10\nzzzz\n")),
        with_chunk(b"zTXt", b"Comment\0\0not zlib"),
        with_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x tiff:Orientation=\"0\"/>\xff"),
        with_chunk(b"iCCP", b"profile\0\0not zlib"),
        with_chunk(b"gAMA", b""),
        with_chunk(b"pHYs", b"\0"),
        with_chunk(b"tEXt", b"Comment\0seven", checksum=5),
        with_segment(b"Exif\0\0bad"),
        with_segment(b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\1"),
        with_segment(b"http://ns.adobe.com/xap/1.0/\0\xff"),
        content(PAGE, "WEBP", lossless=True, exif=b"bad"),
        content(PAGE, "WEBP", lossless=True, exif=b"Exif\0\0II*\0\xff\xff\xff\xff"),
        content(PAGE, "TIFF", tiffinfo={0x0112: 99}),
    ],
    ids=[
        "PNG, EXIF", "PNG, EXIF of nonsense", "PNG, EXIF with a wrong checksum", "PNG, EXIF as text",
        "PNG, compressed text", "PNG, XMP", "PNG, color profile", "PNG, gamma", "PNG, size",
        "PNG, text with a wrong checksum", "JPEG, EXIF", "JPEG, EXIF of nonsense", "JPEG, XMP", "WebP, EXIF",
        "WebP, EXIF of nonsense", "TIFF, orientation",
    ],
)  # fmt: skip
def test_metadata_that_cannot_be_read_is_left_out(tmp_path: Path, encoded: bytes) -> None:
    assert difference(read_bytes(tmp_path, encoded), L_SHAPE) < 2


def test_an_image_is_rotated_though_the_rest_of_its_metadata_cannot_be_written_again(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "camera"
    data = exif.tobytes().replace(b"\x01\x0f\x00\x02", b"\x01\x0f\x00\x05")  # text that says to be fractions
    held = PAGE.transpose(Image.Transpose.ROTATE_90)
    assert difference(read_bytes(tmp_path, content(held, exif=data)), L_SHAPE) < 2


def test_pixels_that_are_damaged_are_refused_though_metadata_may_be(tmp_path: Path) -> None:
    damaged = bytearray(content(PAGE))
    place = damaged.index(b"IDAT") + 20
    damaged[place] ^= 255
    with pytest.raises(ImageError, match="cannot read this image"):
        read_bytes(tmp_path, bytes(damaged))


STRIP_OFFSETS, STRIP_BYTE_COUNTS = 273, 279


def fax(compression: str, damaged: int = 0) -> bytes:
    """The page as a TIFF of black and white, with so many bytes of pixels inverted."""
    encoded = bytearray(content(PAGE.convert("1"), "TIFF", compression=compression))
    tags = Image.open(io.BytesIO(encoded)).tag_v2
    middle = tags[STRIP_OFFSETS][0] + tags[STRIP_BYTE_COUNTS][0] // 2
    for place in range(middle, middle + damaged):
        encoded[place] ^= 255
    return bytes(encoded)


@pytest.mark.parametrize(("compression", "damaged"), [("group3", 2), ("group4", 1), ("tiff_ccitt", 8)])
def test_pixels_whose_damage_only_the_library_below_tells_of_are_refused(
    compression: str, damaged: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert difference(read_bytes(tmp_path, fax(compression)), L_SHAPE) < 20
    with pytest.raises(ImageError, match="cannot read this image: the file is damaged"):
        read_bytes(tmp_path, fax(compression, damaged))
    assert capfd.readouterr().err == ""


# What is no image


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content(PAGE))))
    np.testing.assert_array_equal(read_image("-"), L_SHAPE)


def test_a_damaged_standard_input_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    with pytest.raises(ImageError, match="-: this is not an image"):
        read_image("-")


def test_a_closed_standard_input_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(ImageError, match="-: standard input is closed"):
        read_image("-")


def huge(width: int, height: int) -> bytes:
    """A PNG file that declares that size, and holds one row of nothing."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 0, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("encoded", "message"),
    [
        (b"", "this is not an image"),
        (b"seven", "this is not an image"),
        (content(PAGE)[:20], "this is not an image|cannot read this image"),
        (content(PAGE)[:-40], "cannot read this image: the file ends before the image does"),
        (content(PAGE, "JPEG")[:300], "this is not an image|cannot read this image"),
        (content(PAGE, "JPEG")[:-200], "cannot read this image: the file ends before the image does"),
        (content(PAGE, "AVIF")[:-200], "this is not an image|cannot read this image"),
        (content(Image.new("L", (50, 50), 255)), "this image is empty"),
        (content(Image.new("RGBA", (50, 50))), "this image is empty"),
        (content(Image.new("L", (28, 28))), "this image is empty"),
        (huge(60_000, 60_000), "too large; at most 64,000,000 pixels are read. Reduce its size"),
        (huge(8_001, 8_000), "too large; at most 64,000,000 pixels are read. Reduce its size"),
        (huge(2_000_000_000, 1), "too large|not an image|cannot read"),
        (content(Image.fromarray(np.full((30, 30), np.nan, np.float32)), "TIFF"), "pixels that are not finite"),
    ],
    ids=[
        "empty", "text", "PNG cut in its head", "PNG cut off", "JPEG cut in its head", "JPEG cut off", "AVIF cut off",
        "blank", "fully transparent", "blank and dark 28 x 28", "huge", "a little too large", "very wide", "no numbers",
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_reported_with_its_name(tmp_path: Path, encoded: bytes, message: str) -> None:
    file = tmp_path / "image"
    file.write_bytes(encoded)
    with pytest.raises(ImageError, match=message) as refused:
        read_image(str(file))
    assert str(refused.value).startswith(f"{file}: ")


@pytest.mark.parametrize("name", ["none.png", ".", "nul\0byte"], ids=["missing", "a folder", "a zero byte"])
def test_a_name_of_no_file_is_reported(name: str) -> None:
    with pytest.raises(ImageError, match="cannot read this image"):
        read_image(name)


KINDS = ["PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "AVIF"]
SMALL = page((20, 16), (5, 3, 12, 14))
VALID = {kind: content(SMALL, kind) for kind in KINDS}


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("images")


def read_or_refused(scratch: Path, encoded: bytes) -> None:
    try:
        made = read_bytes(scratch, encoded)
    except ImageError:
        return
    assert made.shape == (28, 28)
    assert made.dtype == np.uint8


@settings(deadline=None)
@given(start=st.sampled_from([b"", *(valid[:16] for valid in VALID.values())]), rest=st.binary(max_size=200))
def test_arbitrary_bytes_are_an_image_or_refused(scratch: Path, start: bytes, rest: bytes) -> None:
    read_or_refused(scratch, start + rest)


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None)
@given(place=st.integers(0, 400), put=st.binary(min_size=1, max_size=4), cut=st.integers(0, 6))
def test_a_mutated_image_is_read_or_refused(scratch: Path, kind: str, place: int, put: bytes, cut: int) -> None:
    start = place % len(VALID[kind])
    read_or_refused(scratch, VALID[kind][:start] + put + VALID[kind][start + cut :])


@pytest.mark.parametrize(
    "encoded",
    [b"DDS " + (124).to_bytes(4, "little") + bytes(200), b"BLP2" + bytes(300), b"%!PS-Adobe-3.0 EPSF-3.0\n%%EOF\n"],
    ids=["DDS", "BLP", "EPS"],
)
def test_kinds_that_no_camera_or_scanner_writes_are_refused(tmp_path: Path, encoded: bytes) -> None:
    with pytest.raises(ImageError, match=r"cannot read this image|this is not an image"):
        read_bytes(tmp_path, encoded)


def with_strip(compression: str, mode: str, byte: bytes) -> bytes:
    """A TIFF of the page whose compressed pixels are all that byte."""
    encoded = content(PAGE.convert(mode), "TIFF", compression=compression)
    tags = Image.open(io.BytesIO(encoded)).tag_v2  # type: ignore[attr-defined]
    (start,), (length,) = tags[273], tags[279]
    return encoded[:start] + byte * length + encoded[start + length :]


NOISY = {
    "fax": with_strip("group4", "1", b"\x81"),
    "packbits": with_strip("packbits", "L", b"\0"),
    "lzw": with_strip("tiff_lzw", "L", b"\0"),
    "deflate": with_strip("tiff_adobe_deflate", "L", b"\0"),
    "jpeg": with_strip("jpeg", "RGB", b"\0"),
    "samples": content(PAGE.convert("RGB"), "TIFF").replace(b"\x15\1\3\0\1\0\0\0\3", b"\x15\1\3\0\1\0\0\0\xff"),
    "tag": content(PAGE, "TIFF", tiffinfo={270: "x" * 50})[:-40].replace(b"\x33\0\0\0", b"\x33\0\0\x33"),
}


def test_an_image_that_cannot_be_read_is_one_line_whatever_libraries_print(tmp_path: Path, trained: Path) -> None:
    for name, encoded in NOISY.items():
        (tmp_path / f"{name}.png").write_bytes(encoded)
    command = [sys.executable, "-m", "mnist_pipeline", "predict", *sorted(map(str, tmp_path.iterdir())), "--run"]
    process = subprocess.run([*command, str(trained)], capture_output=True, text=True, check=False, timeout=60)
    lines = process.stderr.splitlines()
    assert [line for line in lines if not line.startswith(f"Error: {tmp_path}")] == []
    assert len(lines) + process.stdout.count(".png") == len(NOISY)


# What cannot be read, in words


WORDS = {
    "the file ends before the image does": {
        "BMP": content(PAGE, "BMP")[:-500],
        "GIF": content(PAGE, "GIF")[:-60],
        "PNG": content(PAGE)[:-40],
        "PPM": content(PAGE, "PPM")[:-500],
        "PPM of text": b"P2\n3 3\n255\n1 2 3",
        "TIFF": content(PAGE, "TIFF")[:-500],
    },
    "the file is damaged": {
        "PNG": content(PAGE).replace(b"IDAT", b"IDAT\xff\xff", 1),
        "GIF": content(PAGE, "GIF")[:200] + b"\xff" * 200,
        "fax": with_strip("group4", "1", b"\0"),
        "lzw": with_strip("tiff_lzw", "L", b"\0"),
        "PPM without numbers": b"P2\n3 3\nxyz\n1 2 3 4 5 6 7 8 9",
        "PPM of words": b"P2\n3 3\n255\n1 2 three 4 5 6 7 8 9",
        "JPEG 2000": content(PAGE, "JPEG2000").replace(b"\xff\x93", b"\xff\xff"),
        "WebP": content(PAGE, "WEBP")[:-60],
        "AVIF": content(PAGE, "AVIF").replace(b"mdat", b"mdat\xff\xff\xff\xff"),
    },
    "this variant of its format is not supported": {
        "BMP": content(PAGE.convert("RGB"), "BMP")[:28] + b"\7" + content(PAGE.convert("RGB"), "BMP")[29:],
    },
}


CASES = [(words, encoded, f"{kind}: {words}") for words, kinds in WORDS.items() for kind, encoded in kinds.items()]


@pytest.mark.parametrize(("words", "encoded"), [pytest.param(*case, id=name) for *case, name in CASES])
def test_what_pillow_says_is_put_into_words(tmp_path: Path, words: str, encoded: bytes) -> None:
    with pytest.raises(ImageError) as refused:
        read_bytes(tmp_path, encoded)
    assert str(refused.value).startswith(f"{tmp_path / 'image'}: cannot read this image: {words}")


# The measured clause


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The preset `quickstart` in plain Keras, trained for a quarter of its epochs."""
    from mnist_pipeline.framework import keras

    folder = tmp_path_factory.mktemp("quickstart") / "run"
    with pytest.raises(SystemExit) as ended:
        main(["train", "--config", "quickstart", "--set", "training.epochs=3", "--run-dir", str(folder)])
    assert not ended.value.code
    return keras.models.load_model(folder / "model.keras", compile=False)


def accuracy(model: Any, images: Pixels, labels: Pixels) -> float:
    return float((model(images, training=False).numpy().argmax(axis=1) == labels).mean())


def test_500_digits_drawn_on_white_pages_lose_at_most_two_points(tmp_path: Path, model: Any, digits: Images) -> None:
    rng = np.random.default_rng(0)
    pages = [read_bytes(tmp_path, content(Image.fromarray(drawn(each, rng)), "BMP")) for each in digits.images]
    lost = accuracy(model, digits.images, digits.labels) - accuracy(model, np.array(pages), digits.labels)
    assert lost <= 0.02


@pytest.mark.parametrize(
    "how",
    [
        {"paper": 170}, {"ink": 190}, {"paper": 20, "ink": 240}, {"paper": 200, "ink": 90, "grain": 5}, {"grain": 10},
        {"sizes": (24, 60)}, {"sizes": (280, 300)}, {"pressure": 0.5}, {"pressure": 2},
    ],
    ids=[
        "gray paper", "faint ink", "light on dark", "a pencil scanned", "grain", "small", "page-filling", "fat strokes",
        "thin strokes",
    ],
)  # fmt: skip
def test_other_paper_ink_and_size_lose_at_most_two_points_too(model: Any, digits: Images, how: dict[str, Any]) -> None:
    rng, some = np.random.default_rng(1), digits[:200]
    pages = np.array([to_mnist(drawn(each, rng, **how).astype(np.float64)) for each in some.images])
    lost = accuracy(model, some.images, some.labels) - accuracy(model, pages, some.labels)
    assert lost <= 0.02


def test_brightness_is_on_a_scale_from_black_to_white() -> None:
    assert (grayscale(Image.new("L", (2, 2), 0)).max(), grayscale(Image.new("L", (2, 2), 255)).min()) == (0, 255)
