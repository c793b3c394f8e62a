"""The interval of an accuracy is Wilson's, as SciPy computes it."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binomtest

from mnist_pipeline.metrics.intervals import wilson_interval


@given(correct=st.integers(0, 10_000), wrong=st.integers(0, 10_000))
def test_the_interval_is_wilsons(correct: int, wrong: int) -> None:
    assume(correct + wrong)
    expected = binomtest(correct, correct + wrong).proportion_ci(method="wilson")
    assert wilson_interval(correct, correct + wrong) == pytest.approx((expected.low, expected.high), abs=1e-12)


@given(correct=st.integers(0, 60_000), wrong=st.integers(0, 60_000))
def test_the_interval_holds_the_proportion_and_stays_between_0_and_1(correct: int, wrong: int) -> None:
    assume(correct + wrong)
    low, high = wilson_interval(correct, correct + wrong)
    assert 0 <= low <= correct / (correct + wrong) <= high <= 1


@pytest.mark.parametrize("total", [1, 3, 7, 100, 1000, 9_999, 10_000, 60_000])
def test_the_interval_of_nothing_or_all_right_ends_at_0_or_1(total: int) -> None:
    assert wilson_interval(0, total)[0] == pytest.approx(0, abs=1e-12)
    assert wilson_interval(0, total)[0] >= 0
    assert wilson_interval(total, total)[1] == pytest.approx(1, abs=1e-12)
    assert wilson_interval(total, total)[1] <= 1
