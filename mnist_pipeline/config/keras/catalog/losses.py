"""What training makes small: Keras' losses."""

from typing import Annotated

from mnist_pipeline.config.keras.spec import KerasSpec, Registry
from mnist_pipeline.config.keras.types import Fraction, NonNegative, Positive

# fmt: off


def CategoricalCrossentropy(from_logits: bool = False, label_smoothing: Fraction = 0.0) -> None:
    """The surprise at the true class: the usual loss for classes, with softmax."""


def SparseCategoricalCrossentropy(from_logits: bool = False) -> None:
    """The same, with the labels as numbers instead of one-hot rows."""


def BinaryCrossentropy(from_logits: bool = False, label_smoothing: Fraction = 0.0) -> None:
    """The surprise at the true answer: the usual loss for yes or no, with sigmoid."""


def CategoricalFocalCrossentropy(alpha: Fraction = 0.25, gamma: NonNegative = 2.0, from_logits: bool = False,
                                 label_smoothing: Fraction = 0.0) -> None:
    """Cross-entropy that listens most to the hard examples (Lin et al. 2017)."""


def BinaryFocalCrossentropy(apply_class_balancing: bool = False, alpha: Fraction = 0.25, gamma: NonNegative = 2.0,
                            from_logits: bool = False, label_smoothing: Fraction = 0.0) -> None:
    """Binary cross-entropy that listens most to the hard examples (Lin et al. 2017)."""


def CategoricalGeneralizedCrossEntropy(q: Positive = 0.5) -> None:
    """Cross-entropy that forgives wrong labels (Zhang and Sabuncu 2018)."""


def CategoricalHinge() -> None:
    """The true class should lead by a margin."""


def Hinge() -> None:
    """The answer, as -1 or 1, should be right by a margin."""


def SquaredHinge() -> None:
    """Hinge, squared."""


def KLDivergence() -> None:
    """How far the predicted distribution is from the true one."""


def Poisson() -> None:
    """For counts."""


def MeanSquaredError() -> None:
    """The mean squared difference: the usual loss for a number."""


def MeanAbsoluteError() -> None:
    """The mean difference without its sign."""


def MeanAbsolutePercentageError() -> None:
    """The mean difference in per cent of the truth."""


def MeanSquaredLogarithmicError() -> None:
    """The mean squared difference of the logarithms."""


def CosineSimilarity() -> None:
    """The angle between prediction and truth, as minus its cosine."""


def Huber(delta: Positive = 1.0) -> None:
    """Squared for small differences, absolute for large ones (Huber 1964)."""


def LogCosh() -> None:
    """The logarithm of the hyperbolic cosine of the difference: a smooth Huber."""


LOSSES = Registry("loss", "losses", dict(vars()), {
    "mse": "MeanSquaredError", "MSE": "MeanSquaredError", "mae": "MeanAbsoluteError", "MAE": "MeanAbsoluteError",
    "mape": "MeanAbsolutePercentageError", "MAPE": "MeanAbsolutePercentageError",
    "msle": "MeanSquaredLogarithmicError", "MSLE": "MeanSquaredLogarithmicError",
    "bce": "BinaryCrossentropy", "BCE": "BinaryCrossentropy", "kld": "KLDivergence", "KLD": "KLDivergence",
})
Loss = Annotated[KerasSpec, LOSSES]

# Those that want labels as numbers, not as one-hot rows.
SPARSE_LOSSES = {"SparseCategoricalCrossentropy", "CategoricalGeneralizedCrossEntropy"}
