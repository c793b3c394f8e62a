"""Pairwise combinations leave out no pair."""

from itertools import combinations, product

import pytest

from tests.pairwise import pairwise


@pytest.mark.parametrize(
    "options", [["ab"], ["ab", "cd"], ["abc", "de", "fg"], ["ab", "c", "def", "ghij", "kl"]], ids=str
)
def test_every_two_values_of_different_options_meet_in_some_row(options: list[str]) -> None:
    rows = [*pairwise(options)]
    pairs = {pair for row in rows for pair in combinations(row, 2)}
    assert pairs == {pair for left, right in combinations(options, 2) for pair in product(left, right)}
    assert all(value in values for row in rows for value, values in zip(row, options, strict=True))
    assert len(rows) == len(set(rows))


def test_of_many_options_the_rows_are_few() -> None:
    assert len([*pairwise(["abc"] * 6)]) <= 20  # of 729
