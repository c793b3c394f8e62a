"""Digits are drawn in characters, dot for pixel."""

import numpy as np
import pytest

from mnist_pipeline.data.braille import to_braille

EMPTY, FULL = chr(0x2800), chr(0x28FF)


def blocks(count: int) -> str:
    return to_braille(np.full((count, 28, 28), 255, np.uint8), [f"digit {number}" for number in range(count)])


def test_a_digit_is_14_wide_and_7_high_under_its_caption() -> None:
    lines = blocks(1).splitlines()
    assert lines == ["digit 0", *[FULL * 14] * 7]


@pytest.mark.parametrize(("count", "rows"), [(1, 1), (5, 1), (6, 2), (10, 2), (11, 3)])
def test_five_stand_in_a_row(count: int, rows: int) -> None:
    drawn = blocks(count).split("\n\n")
    assert len(drawn) == rows
    assert all(len(row.splitlines()) == 8 for row in drawn)
    assert max(len(line) for line in blocks(count).splitlines()) <= 5 * 15 - 1


def test_captions_stand_above_their_digits() -> None:
    caption, line = blocks(3).splitlines()[:2]
    for number in range(3):
        assert caption.index(f"digit {number}") == number * 15
        assert line[number * 15] == FULL


@pytest.mark.parametrize(
    ("row", "column", "dot"),
    [(0, 0, 0x01), (1, 0, 0x02), (2, 0, 0x04), (0, 1, 0x08), (1, 1, 0x10), (2, 1, 0x20), (3, 0, 0x40), (3, 1, 0x80)],
)
def test_each_pixel_is_the_dot_of_its_place(row: int, column: int, dot: int) -> None:
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, row, column] = 255
    assert to_braille(image, [""]).splitlines()[1].rstrip(EMPTY) == chr(0x2800 + dot)


def test_weak_ink_is_left_out() -> None:
    assert set(to_braille(np.full((1, 28, 28), 60, np.uint8), ["x"])) == {"x", "\n", EMPTY}


def test_nothing_is_drawn_of_nothing() -> None:
    assert to_braille(np.zeros((0, 28, 28), np.uint8), []) == ""
