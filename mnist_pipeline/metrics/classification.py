"""Figures of merit, in NumPy: scikit-learn, against which a test holds them, takes more than a second to import."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

CALIBRATION_BINS = 15
Z95 = 1.959963984540054  # the normal distribution's 97.5 % point

Labels = NDArray[np.integer[Any]]


def wilson_interval(right: int, total: int) -> tuple[float, float]:
    """The 95 % confidence interval of a proportion (Wilson 1927, "Probable inference")."""
    share, spread = right / total, Z95**2 / total
    centre = share + spread / 2
    half = np.sqrt(spread * (share * (1 - share) + spread / 4))
    low, high = (centre - half) / (1 + spread), (centre + half) / (1 + spread)
    return (float(low) if right else 0.0), (float(high) if right < total else 1.0)


def confusion_matrix(truth: Labels, answers: Labels, classes: int) -> NDArray[np.int64]:
    """Counts (classes, classes); rows are the true classes, columns the answers."""
    pairs = truth.astype(np.int64) * classes + answers
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes)


def per_class(matrix: NDArray[np.int64]) -> list[dict[str, float | int]]:
    """Precision, recall, F1 (each 0 where it is not defined) and support of each class of a confusion matrix."""
    hits, answered, support = np.diag(matrix), matrix.sum(axis=0), matrix.sum(axis=1)
    precision = hits / np.maximum(answered, 1)
    recall = hits / np.maximum(support, 1)
    f1 = 2 * hits / np.maximum(answered + support, 1)
    return [
        {"precision": float(p), "recall": float(r), "f1": float(f), "support": int(n)}
        for p, r, f, n in zip(precision, recall, f1, support, strict=True)
    ]


def expected_calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """How far confidence is from accuracy, 0 - 1, over 15 equal bins (Guo et al. 2017)."""
    bins = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    gaps = np.bincount(bins, confidence, CALIBRATION_BINS) - np.bincount(bins, right, CALIBRATION_BINS)
    return float(np.abs(gaps).sum() / len(confidence))


def area_under_roc(truth: NDArray[np.bool_], score: NDArray[np.floating[Any]]) -> float | None:
    """The chance that a positive scores higher than a negative, ties counted half (Mann and Whitney 1947).

    None where all examples are of one kind.
    """
    positives = int(truth.sum())
    negatives = len(truth) - positives
    if not positives or not negatives:
        return None
    _, places, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    return float((ranks[truth].sum() - positives * (positives + 1) / 2) / (positives * negatives))
