"""The figures of merit are those of scikit-learn, SciPy and the papers."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binomtest
from sklearn import metrics

from mnist_pipeline.metrics import classification

Labels = NDArray[np.int64]


def labels(classes: int = 10) -> st.SearchStrategy[tuple[Labels, Labels]]:
    """True classes and answers, of equal number."""
    pairs = st.lists(st.tuples(*[st.integers(0, classes - 1)] * 2), min_size=1, max_size=60)
    return pairs.map(lambda drawn: tuple(np.array(drawn).T))


@given(right=st.integers(0, 10_000), wrong=st.integers(0, 10_000))
def test_the_interval_is_wilsons(right: int, wrong: int) -> None:
    assume(right + wrong)
    expected = binomtest(right, right + wrong).proportion_ci(method="wilson")
    assert classification.wilson_interval(right, right + wrong) == pytest.approx(
        (expected.low, expected.high), abs=1e-12
    )


@given(right=st.integers(0, 60_000), wrong=st.integers(0, 60_000))
def test_the_interval_holds_the_proportion_and_stays_between_0_and_1(right: int, wrong: int) -> None:
    assume(right + wrong)
    low, high = classification.wilson_interval(right, right + wrong)
    assert 0 <= low <= right / (right + wrong) <= high <= 1


@pytest.mark.parametrize("total", [1, 3, 7, 100, 1000, 9_999, 10_000, 60_000])
def test_the_interval_of_nothing_or_all_right_ends_at_0_or_1(total: int) -> None:
    assert classification.wilson_interval(0, total)[0] == pytest.approx(0, abs=1e-12)
    assert classification.wilson_interval(0, total)[0] >= 0
    assert classification.wilson_interval(total, total)[1] == pytest.approx(1, abs=1e-12)
    assert classification.wilson_interval(total, total)[1] <= 1


@given(drawn=labels())
def test_the_confusion_matrix_has_the_true_classes_in_rows(drawn: tuple[Labels, Labels]) -> None:
    truth, answers = drawn
    expected = metrics.confusion_matrix(truth, answers, labels=range(10))
    np.testing.assert_array_equal(classification.confusion_matrix(truth, answers, 10), expected)


def test_labels_that_are_bytes_do_not_overflow() -> None:
    matrix = classification.confusion_matrix(np.full(3, 9, np.uint8), np.full(3, 9, np.uint8), 10)
    assert matrix[9, 9] == 3


@given(drawn=labels())
def test_precision_recall_f1_and_support_are_those_of_scikit_learn(drawn: tuple[Labels, Labels]) -> None:
    truth, answers = drawn
    expected = metrics.precision_recall_fscore_support(truth, answers, labels=range(10), zero_division=0)
    rows = classification.per_class(classification.confusion_matrix(truth, answers, 10))
    for name, column in zip(("precision", "recall", "f1", "support"), expected, strict=True):
        assert [row[name] for row in rows] == pytest.approx(column.tolist(), abs=1e-12)


@given(
    pairs=st.lists(
        st.tuples(st.booleans(), st.sampled_from([0.0, 0.25, 0.5, 1.0]) | st.floats(0, 1)), min_size=2, max_size=60
    )
)
def test_the_area_under_roc_is_that_of_scikit_learn_ties_included(pairs: list[tuple[bool, float]]) -> None:
    truth, score = np.array([yes for yes, _ in pairs]), np.array([chance for _, chance in pairs])
    assume(truth.any() and not truth.all())
    assert classification.area_under_roc(truth, score) == pytest.approx(metrics.roc_auc_score(truth, score), abs=1e-9)


@pytest.mark.parametrize("answer", [True, False])
def test_there_is_no_area_under_roc_where_all_are_of_one_kind(answer: bool) -> None:
    assert classification.area_under_roc(np.array([answer] * 3), np.array([0.1, 0.5, 0.9])) is None


def test_calibration_by_hand() -> None:
    """Of five answers, two lie in the bin around 0.7 and three in the one around 0.9 (Guo et al. 2017, equation 3)."""
    confidence = np.array([0.68, 0.70, 0.88, 0.90, 0.92])
    right = np.array([True, False, True, True, False])
    expected = 2 / 5 * abs(1 / 2 - 0.69) + 3 / 5 * abs(2 / 3 - 0.90)
    assert classification.expected_calibration_error(confidence, right) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("confidence", "right", "expected"),
    [
        ([1.0, 1.0], [True, True], 0.0),
        ([1.0, 1.0], [False, False], 1.0),
        ([1.0, 1.0], [True, False], 0.5),
        ([0.5] * 4, [True, False, True, False], 0.0),
        ([0.0, 0.0], [False, False], 0.0),
    ],
    ids=["certain and right", "certain and wrong", "certain and half right", "calibrated", "no confidence"],
)
def test_calibration_at_its_ends(confidence: list[float], right: list[bool], expected: float) -> None:
    assert classification.expected_calibration_error(np.array(confidence), np.array(right)) == pytest.approx(expected)


@given(pairs=st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=50))
def test_calibration_is_the_weighted_gap_over_15_bins(pairs: list[tuple[float, bool]]) -> None:
    confidence, right = np.array([c for c, _ in pairs]), np.array([r for _, r in pairs])
    assume(np.abs(confidence * 15 - np.rint(confidence * 15)).min() > 1e-9)  # an edge belongs to one bin or the other
    expected = 0.0
    for low in range(15):
        inside = (confidence >= low / 15) & (confidence < (low + 1) / 15)
        if inside.any():
            expected += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    assert classification.expected_calibration_error(confidence, right) == pytest.approx(expected, abs=1e-9)
