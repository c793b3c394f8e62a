"""Losses; training minimizes one.

In the formulas, y is the label and output the model's output for it.
"""

from typing import Annotated

from mnist_pipeline.config.keras.spec import KerasSpec, Registry
from mnist_pipeline.config.keras.types import Fraction, NonNegative, Positive

# fmt: off


def CategoricalCrossentropy(from_logits: bool = False, label_smoothing: Fraction = 0.0) -> None:
    """Cross-entropy for one-hot labels; the usual loss for classes, with softmax."""


def SparseCategoricalCrossentropy(from_logits: bool = False) -> None:
    """CategoricalCrossentropy for integer labels."""


def BinaryCrossentropy(from_logits: bool = False, label_smoothing: Fraction = 0.0) -> None:
    """Cross-entropy for labels 0 and 1; the usual loss for yes or no, with sigmoid."""


def CategoricalFocalCrossentropy(alpha: Fraction = 0.25, gamma: NonNegative = 2.0, from_logits: bool = False,
                                 label_smoothing: Fraction = 0.0) -> None:
    """Cross-entropy with less weight on easy examples (Lin et al. 2017)."""


def BinaryFocalCrossentropy(apply_class_balancing: bool = False, alpha: Fraction = 0.25, gamma: NonNegative = 2.0,
                            from_logits: bool = False, label_smoothing: Fraction = 0.0) -> None:
    """Binary cross-entropy with less weight on easy examples (Lin et al. 2017)."""


def CategoricalGeneralizedCrossEntropy(q: Positive = 0.5) -> None:
    """Cross-entropy that is robust to wrong labels (Zhang and Sabuncu 2018)."""


def CategoricalHinge() -> None:
    """Categorical hinge: max(0, 1 + largest wrong output - output of the true class)."""


def Hinge() -> None:
    """Hinge: mean(max(0, 1 - y * output)); labels of 0 count as -1."""


def SquaredHinge() -> None:
    """Squared hinge: mean(max(0, 1 - y * output)^2); labels of 0 count as -1."""


def KLDivergence() -> None:
    """Kullback-Leibler divergence: sum(y * log(y / output))."""


def Poisson() -> None:
    """Poisson loss: mean(output - y * log(output)), for counts."""


def MeanSquaredError() -> None:
    """Mean squared error: mean((y - output)^2); the usual loss for a regression."""


def MeanAbsoluteError() -> None:
    """Mean absolute error: mean(|y - output|)."""


def MeanAbsolutePercentageError() -> None:
    """Mean absolute percentage error: 100 * mean(|y - output| / |y|)."""


def MeanSquaredLogarithmicError() -> None:
    """Mean squared logarithmic error: mean((log(y + 1) - log(output + 1))^2)."""


def CosineSimilarity() -> None:
    """Minus the cosine of the angle between labels and outputs."""


def Huber(delta: Positive = 1.0) -> None:
    """Squared for small errors, linear for large ones (Huber 1964)."""


def LogCosh() -> None:
    """A smooth Huber loss: mean(log(cosh(output - y)))."""


LOSSES = Registry("loss", "losses", dict(vars()), {
    "mse": "MeanSquaredError", "MSE": "MeanSquaredError", "mae": "MeanAbsoluteError", "MAE": "MeanAbsoluteError",
    "mape": "MeanAbsolutePercentageError", "MAPE": "MeanAbsolutePercentageError",
    "msle": "MeanSquaredLogarithmicError", "MSLE": "MeanSquaredLogarithmicError",
    "bce": "BinaryCrossentropy", "BCE": "BinaryCrossentropy", "kld": "KLDivergence", "KLD": "KLDivergence",
})
Loss = Annotated[KerasSpec, LOSSES]

# Losses for integer labels instead of one-hot rows.
SPARSE_LOSSES = {"SparseCategoricalCrossentropy", "CategoricalGeneralizedCrossEntropy"}
