"""Metrics of classes are those of scikit-learn."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn import metrics

from mnist_pipeline.metrics.classification import confusion_matrix, per_class, roc_auc

Labels = NDArray[np.int64]


def label_pairs(classes: int = 10) -> st.SearchStrategy[tuple[Labels, Labels]]:
    """True and predicted labels, of equal number."""
    pairs = st.lists(st.tuples(*[st.integers(0, classes - 1)] * 2), min_size=1, max_size=60)
    return pairs.map(lambda drawn: tuple(np.array(drawn).T))


@given(pair=label_pairs())
def test_the_confusion_matrix_has_the_true_classes_in_rows(pair: tuple[Labels, Labels]) -> None:
    labels, predicted = pair
    expected = metrics.confusion_matrix(labels, predicted, labels=range(10))
    np.testing.assert_array_equal(confusion_matrix(labels, predicted, 10), expected)


def test_labels_that_are_bytes_do_not_overflow() -> None:
    matrix = confusion_matrix(np.full(3, 9, np.uint8), np.full(3, 9, np.uint8), 10)
    assert matrix[9, 9] == 3


@given(pair=label_pairs())
def test_precision_recall_f1_and_support_are_those_of_scikit_learn(pair: tuple[Labels, Labels]) -> None:
    labels, predicted = pair
    expected = metrics.precision_recall_fscore_support(labels, predicted, labels=range(10), zero_division=0)
    rows = per_class(confusion_matrix(labels, predicted, 10))
    for name, column in zip(("precision", "recall", "f1", "support"), expected, strict=True):
        assert [row[name] for row in rows] == pytest.approx(column.tolist(), abs=1e-12)


@given(
    pairs=st.lists(
        st.tuples(st.booleans(), st.sampled_from([0.0, 0.25, 0.5, 1.0]) | st.floats(0, 1)), min_size=2, max_size=60
    )
)
def test_the_area_under_roc_is_that_of_scikit_learn_ties_included(pairs: list[tuple[bool, float]]) -> None:
    labels, scores = np.array([yes for yes, _ in pairs]), np.array([chance for _, chance in pairs])
    assume(labels.any() and not labels.all())
    assert roc_auc(labels, scores) == pytest.approx(metrics.roc_auc_score(labels, scores), abs=1e-9)


@pytest.mark.parametrize("label", [True, False])
def test_there_is_no_area_under_roc_where_all_labels_are_the_same(label: bool) -> None:
    assert roc_auc(np.array([label] * 3), np.array([0.1, 0.5, 0.9])) is None
