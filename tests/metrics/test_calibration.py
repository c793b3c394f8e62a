"""The calibration error is that of the paper."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mnist_pipeline.metrics.calibration import expected_calibration_error


def test_calibration_by_hand() -> None:
    """Two of five predictions lie in the bin around 0.7, three in that around 0.9.

    Guo et al. 2017, equation 3.
    """
    confidence = np.array([0.68, 0.70, 0.88, 0.90, 0.92])
    correct = np.array([True, False, True, True, False])
    expected = 2 / 5 * abs(1 / 2 - 0.69) + 3 / 5 * abs(2 / 3 - 0.90)
    assert expected_calibration_error(confidence, correct) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("confidence", "correct", "expected"),
    [
        ([1.0, 1.0], [True, True], 0.0),
        ([1.0, 1.0], [False, False], 1.0),
        ([1.0, 1.0], [True, False], 0.5),
        ([0.5] * 4, [True, False, True, False], 0.0),
        ([0.0, 0.0], [False, False], 0.0),
    ],
    ids=["certain and correct", "certain and wrong", "certain and half correct", "calibrated", "no confidence"],
)
def test_calibration_at_its_ends(confidence: list[float], correct: list[bool], expected: float) -> None:
    assert expected_calibration_error(np.array(confidence), np.array(correct)) == pytest.approx(expected)


@given(pairs=st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=50))
def test_calibration_is_the_weighted_gap_over_15_bins(pairs: list[tuple[float, bool]]) -> None:
    confidence, correct = np.array([c for c, _ in pairs]), np.array([r for _, r in pairs])
    assume(np.abs(confidence * 15 - np.rint(confidence * 15)).min() > 1e-9)  # an edge belongs to one bin or the other
    expected = 0.0
    for low in range(15):
        inside = (confidence >= low / 15) & (confidence < (low + 1) / 15)
        if inside.any():
            expected += inside.mean() * abs(correct[inside].mean() - confidence[inside].mean())
    assert expected_calibration_error(confidence, correct) == pytest.approx(expected, abs=1e-9)
