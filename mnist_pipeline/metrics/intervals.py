"""Confidence interval of an accuracy."""

import numpy as np

Z95 = 1.959963984540054  # 97.5 % quantile of the normal distribution


def wilson_interval(correct: int, total: int) -> tuple[float, float]:
    """95 % confidence interval of the proportion `correct` / `total`.

    Wilson 1927, "Probable inference, the law of succession, and statistical inference".
    """
    share, spread = correct / total, Z95**2 / total
    center = share + spread / 2
    half = np.sqrt(spread * (share * (1 - share) + spread / 4))
    low, high = (center - half) / (1 + spread), (center + half) / (1 + spread)
    return (float(low) if correct else 0.0), (float(high) if correct < total else 1.0)
