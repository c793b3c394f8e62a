"""What is watched while training: Keras' metrics. `name` is the name in the history and for `monitor`."""

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
    """The share of right answers; Keras picks the accuracy that suits the target."""


def BinaryAccuracy(name: str = "binary_accuracy", threshold: Fraction | None = None) -> None:
    """The share of right answers to yes or no. threshold: null is that of the loss: 0.5, or 0 for logits and hinges."""


def CategoricalAccuracy(name: str = "categorical_accuracy") -> None:
    """The share of right answers, for one-hot labels."""


def SparseCategoricalAccuracy(name: str = "sparse_categorical_accuracy") -> None:
    """The share of right answers, for labels as numbers."""


def TopKCategoricalAccuracy(k: Count = 5, name: str = "top_k_categorical_accuracy") -> None:
    """The share of answers whose k likeliest classes hold the true one, for one-hot labels."""


def SparseTopKCategoricalAccuracy(k: Count = 5, name: str = "sparse_top_k_categorical_accuracy") -> None:
    """The same, for labels as numbers."""


def AUC(num_thresholds: Count = 200, curve: Literal["ROC", "PR"] = "ROC",
        summation_method: Literal["interpolation", "minoring", "majoring"] = "interpolation", name: str = "auc",
        multi_label: bool = False, from_logits: bool | None = None) -> None:
    """The area under the ROC or the precision-recall curve. from_logits: null is as the loss has it."""


def Precision(thresholds: Thresholds = None, top_k: Count | None = None, class_id: Natural | None = None,
              name: str = "precision") -> None:
    """Of what was called positive, the share that is."""


def Recall(thresholds: Thresholds = None, top_k: Count | None = None, class_id: Natural | None = None,
           name: str = "recall") -> None:
    """Of what is positive, the share that was found."""


def F1Score(average: Averaging, threshold: Fraction | None = None, name: str = "f1_score") -> None:
    """The harmonic mean of precision and recall, for one-hot labels."""


def FBetaScore(average: Averaging, beta: Positive = 1.0, threshold: Fraction | None = None,
               name: str = "fbeta_score") -> None:
    """F1 that weighs recall beta times as much, for one-hot labels."""


def PrecisionAtRecall(recall: Fraction, num_thresholds: Count = 200, class_id: Natural | None = None,
                      name: str = "precision_at_recall") -> None:
    """The best precision where recall is at least this."""


def RecallAtPrecision(precision: Fraction, num_thresholds: Count = 200, class_id: Natural | None = None,
                      name: str = "recall_at_precision") -> None:
    """The best recall where precision is at least this."""


def SensitivityAtSpecificity(specificity: Fraction, num_thresholds: Count = 200, class_id: Natural | None = None,
                             name: str = "sensitivity_at_specificity") -> None:
    """The best sensitivity where specificity is at least this."""


def SpecificityAtSensitivity(sensitivity: Fraction, num_thresholds: Count = 200, class_id: Natural | None = None,
                             name: str = "specificity_at_sensitivity") -> None:
    """The best specificity where sensitivity is at least this."""


def TruePositives(thresholds: Thresholds = None, name: str = "true_positives") -> None:
    """How many were rightly called positive."""


def TrueNegatives(thresholds: Thresholds = None, name: str = "true_negatives") -> None:
    """How many were rightly called negative."""


def FalsePositives(thresholds: Thresholds = None, name: str = "false_positives") -> None:
    """How many were wrongly called positive."""


def FalseNegatives(thresholds: Thresholds = None, name: str = "false_negatives") -> None:
    """How many were wrongly called negative."""


def BinaryCrossentropy(name: str = "binary_crossentropy", from_logits: bool | None = None,
                       label_smoothing: Fraction = 0) -> None:
    """The loss of that name, watched."""


def CategoricalCrossentropy(name: str = "categorical_crossentropy", from_logits: bool | None = None,
                            label_smoothing: Fraction = 0) -> None:
    """The loss of that name, watched."""


def SparseCategoricalCrossentropy(name: str = "sparse_categorical_crossentropy",
                                  from_logits: bool | None = None) -> None:
    """The loss of that name, watched."""


def KLDivergence(name: str = "kl_divergence") -> None:
    """How far the predicted distribution is from the true one."""


def Poisson(name: str = "poisson") -> None:
    """The loss of that name, watched."""


def Hinge(name: str = "hinge") -> None:
    """The loss of that name, watched."""


def SquaredHinge(name: str = "squared_hinge") -> None:
    """The loss of that name, watched."""


def CategoricalHinge(name: str = "categorical_hinge") -> None:
    """The loss of that name, watched."""


def MeanSquaredError(name: str = "mean_squared_error") -> None:
    """The mean squared difference."""


def RootMeanSquaredError(name: str = "root_mean_squared_error") -> None:
    """The root of the mean squared difference, in the unit of the target."""


def MeanAbsoluteError(name: str = "mean_absolute_error") -> None:
    """The mean difference without its sign."""


def MeanAbsolutePercentageError(name: str = "mean_absolute_percentage_error") -> None:
    """The mean difference in per cent of the truth."""


def MeanSquaredLogarithmicError(name: str = "mean_squared_logarithmic_error") -> None:
    """The mean squared difference of the logarithms."""


def LogCoshError(name: str = "logcosh") -> None:
    """The logarithm of the hyperbolic cosine of the difference."""


def CosineSimilarity(name: str = "cosine_similarity") -> None:
    """The cosine of the angle between prediction and truth."""


def R2Score(name: str = "r2_score") -> None:
    """The share of the variance that the prediction explains."""


METRICS = Registry("metric", "metrics", dict(vars()), {
    "mse": "MeanSquaredError", "MSE": "MeanSquaredError", "mae": "MeanAbsoluteError", "MAE": "MeanAbsoluteError",
    "mape": "MeanAbsolutePercentageError", "MAPE": "MeanAbsolutePercentageError",
    "msle": "MeanSquaredLogarithmicError", "MSLE": "MeanSquaredLogarithmicError", "bce": "BinaryCrossentropy",
    "BCE": "BinaryCrossentropy",
})
Metric = Annotated[KerasSpec, METRICS]
