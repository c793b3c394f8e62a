"""The figures of merit are those of scikit-learn, SciPy and the papers."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn import metrics

from mnist_pipeline.metrics.classification import confusion_matrix, per_class, roc_auc

Labels = NDArray[np.int64]


def labels(classes: int = 10) -> st.SearchStrategy[tuple[Labels, Labels]]:
    """True classes and answers, of equal number."""
    pairs = st.lists(st.tuples(*[st.integers(0, classes - 1)] * 2), min_size=1, max_size=60)
    return pairs.map(lambda drawn: tuple(np.array(drawn).T))


@given(drawn=labels())
def test_the_confusion_matrix_has_the_true_classes_in_rows(drawn: tuple[Labels, Labels]) -> None:
    truth, answers = drawn
    expected = metrics.confusion_matrix(truth, answers, labels=range(10))
    np.testing.assert_array_equal(confusion_matrix(truth, answers, 10), expected)


def test_labels_that_are_bytes_do_not_overflow() -> None:
    matrix = confusion_matrix(np.full(3, 9, np.uint8), np.full(3, 9, np.uint8), 10)
    assert matrix[9, 9] == 3


@given(drawn=labels())
def test_precision_recall_f1_and_support_are_those_of_scikit_learn(drawn: tuple[Labels, Labels]) -> None:
    truth, answers = drawn
    expected = metrics.precision_recall_fscore_support(truth, answers, labels=range(10), zero_division=0)
    rows = per_class(confusion_matrix(truth, answers, 10))
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
    assert roc_auc(truth, score) == pytest.approx(metrics.roc_auc_score(truth, score), abs=1e-9)


@pytest.mark.parametrize("answer", [True, False])
def test_there_is_no_area_under_roc_where_all_are_of_one_kind(answer: bool) -> None:
    assert roc_auc(np.array([answer] * 3), np.array([0.1, 0.5, 0.9])) is None
