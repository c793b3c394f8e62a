"""Metrics; computed during training.

`name`: the column of the history, and what callbacks monitor.
"""

from typing import Annotated, Literal

from pydantic import Field, Tag

from mnist_pipeline.config.keras.spec import KerasSpec, Registry
from mnist_pipeline.config.keras.types import Count, Either, Fraction, Natural, Positive

# fmt: off

Thresholds = Annotated[
    Annotated[Fraction, Tag("number")] | Annotated[list[Fraction], Field(min_length=1, max_length=1), Tag("list")],
    Either,
] | None
Averaging = Literal["micro", "macro", "weighted"]


def accuracy(name: str = "accuracy") -> None:
    """Fraction of correct predictions; Keras picks the accuracy that fits the labels."""


def BinaryAccuracy(name: str = "binary_accuracy", threshold: Fraction | None = None) -> None:
    """Fraction of correct yes-or-no predictions; threshold: null follows the loss."""


def CategoricalAccuracy(name: str = "categorical_accuracy") -> None:
    """Fraction of correct predictions, for one-hot labels."""


def SparseCategoricalAccuracy(name: str = "sparse_categorical_accuracy") -> None:
    """Fraction of correct predictions, for integer labels."""


def TopKCategoricalAccuracy(k: Count = 5, name: str = "top_k_categorical_accuracy") -> None:
    """Fraction of labels among the k largest outputs, for one-hot labels."""


def SparseTopKCategoricalAccuracy(k: Count = 5, name: str = "sparse_top_k_categorical_accuracy") -> None:
    """Fraction of labels among the k largest outputs, for integer labels."""


def AUC(num_thresholds: Count = 200, curve: Literal["ROC", "PR"] = "ROC",
        summation_method: Literal["interpolation", "minoring", "majoring"] = "interpolation", name: str = "auc",
        multi_label: bool = False, from_logits: bool | None = None) -> None:
    """Area under the ROC or PR curve; from_logits: null follows the loss."""


def Precision(thresholds: Thresholds = None, top_k: Count | None = None, class_id: Natural | None = None,
              name: str = "precision") -> None:
    """Precision: true positives / (true positives + false positives)."""


def Recall(thresholds: Thresholds = None, top_k: Count | None = None, class_id: Natural | None = None,
           name: str = "recall") -> None:
    """Recall: true positives / (true positives + false negatives)."""


def F1Score(average: Averaging, threshold: Fraction | None = None, name: str = "f1_score") -> None:
    """F1 score: 2 * precision * recall / (precision + recall), for one-hot labels."""


def FBetaScore(average: Averaging, beta: Positive = 1.0, threshold: Fraction | None = None,
               name: str = "fbeta_score") -> None:
    """F score that weights recall beta times as much as precision; one-hot labels."""


def PrecisionAtRecall(recall: Fraction, num_thresholds: Count = 200, class_id: Natural | None = None,
                      name: str = "precision_at_recall") -> None:
    """Best precision at a recall of at least this."""


def RecallAtPrecision(precision: Fraction, num_thresholds: Count = 200, class_id: Natural | None = None,
                      name: str = "recall_at_precision") -> None:
    """Best recall at a precision of at least this."""


def SensitivityAtSpecificity(specificity: Fraction, num_thresholds: Count = 200, class_id: Natural | None = None,
                             name: str = "sensitivity_at_specificity") -> None:
    """Best sensitivity at a specificity of at least this."""


def SpecificityAtSensitivity(sensitivity: Fraction, num_thresholds: Count = 200, class_id: Natural | None = None,
                             name: str = "specificity_at_sensitivity") -> None:
    """Best specificity at a sensitivity of at least this."""


def TruePositives(thresholds: Thresholds = None, name: str = "true_positives") -> None:
    """Number of true positives."""


def TrueNegatives(thresholds: Thresholds = None, name: str = "true_negatives") -> None:
    """Number of true negatives."""


def FalsePositives(thresholds: Thresholds = None, name: str = "false_positives") -> None:
    """Number of false positives."""


def FalseNegatives(thresholds: Thresholds = None, name: str = "false_negatives") -> None:
    """Number of false negatives."""


def BinaryCrossentropy(name: str = "binary_crossentropy", from_logits: bool | None = None,
                       label_smoothing: Fraction = 0) -> None:
    """The loss of the same name; from_logits: null follows the loss of the config."""


def CategoricalCrossentropy(name: str = "categorical_crossentropy", from_logits: bool | None = None,
                            label_smoothing: Fraction = 0) -> None:
    """The loss of the same name; from_logits: null follows the loss of the config."""


def SparseCategoricalCrossentropy(name: str = "sparse_categorical_crossentropy",
                                  from_logits: bool | None = None) -> None:
    """The loss of the same name; from_logits: null follows the loss of the config."""


def KLDivergence(name: str = "kl_divergence") -> None:
    """The loss of the same name: sum(y * log(y / output))."""


def Poisson(name: str = "poisson") -> None:
    """The loss of the same name: mean(output - y * log(output))."""


def Hinge(name: str = "hinge") -> None:
    """The loss of the same name: mean(max(0, 1 - y * output))."""


def SquaredHinge(name: str = "squared_hinge") -> None:
    """The loss of the same name: mean(max(0, 1 - y * output)^2)."""


def CategoricalHinge(name: str = "categorical_hinge") -> None:
    """Categorical hinge: max(0, 1 + largest wrong output - output of the true class)."""


def MeanSquaredError(name: str = "mean_squared_error") -> None:
    """Mean squared error: mean((y - output)^2)."""


def RootMeanSquaredError(name: str = "root_mean_squared_error") -> None:
    """Root mean squared error: sqrt(mean((y - output)^2)), in the unit of the label."""


def MeanAbsoluteError(name: str = "mean_absolute_error") -> None:
    """Mean absolute error: mean(|y - output|)."""


def MeanAbsolutePercentageError(name: str = "mean_absolute_percentage_error") -> None:
    """Mean absolute percentage error: 100 * mean(|y - output| / |y|)."""


def MeanSquaredLogarithmicError(name: str = "mean_squared_logarithmic_error") -> None:
    """Mean squared logarithmic error: mean((log(y + 1) - log(output + 1))^2)."""


def LogCoshError(name: str = "logcosh") -> None:
    """The loss LogCosh: mean(log(cosh(output - y)))."""


def CosineSimilarity(name: str = "cosine_similarity") -> None:
    """Cosine of the angle between labels and outputs."""


def R2Score(name: str = "r2_score") -> None:
    """Coefficient of determination: the fraction of the labels' variance explained."""


METRICS = Registry("metric", "metrics", dict(vars()), {
    "mse": "MeanSquaredError", "MSE": "MeanSquaredError", "mae": "MeanAbsoluteError", "MAE": "MeanAbsoluteError",
    "mape": "MeanAbsolutePercentageError", "MAPE": "MeanAbsolutePercentageError",
    "msle": "MeanSquaredLogarithmicError", "MSLE": "MeanSquaredLogarithmicError", "bce": "BinaryCrossentropy",
    "BCE": "BinaryCrossentropy",
})
Metric = Annotated[KerasSpec, METRICS]
