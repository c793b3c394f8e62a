"""Suggestions for a misspelled name: the likely one, or a list."""

import difflib
from collections.abc import Iterable, Sequence

from mnist_pipeline.config.formatting import MAX_VALUE_LENGTH

# Names from PyTorch, older versions of Keras and common abbreviations -> the name in a config.
SYNONYMS = {
    "lr": "learning_rate",
    "bs": "batch_size",
    "batch": "batch_size",
    "num_epochs": "epochs",
    "n_epochs": "epochs",
    "max_epochs": "epochs",
    "val_split": "validation_split",
    "val_frac": "validation_split",
    "p": "rate",
    "dropout_rate": "rate",
    "neurons": "units",
    "out_features": "units",
    "out_channels": "filters",
    "alpha": "negative_slope",
    "random_seed": "seed",
    "Linear": "Dense",
    "MaxPool2d": "MaxPooling2D",
    "AvgPool2d": "AveragePooling2D",
    "Conv2d": "Conv2D",
    "BatchNorm": "BatchNormalization",
    "BatchNorm1d": "BatchNormalization",
    "BatchNorm2d": "BatchNormalization",
    "BatchNorm2D": "BatchNormalization",
    "LayerNorm": "LayerNormalization",
    "Conv": "Conv2D",
    "CrossEntropyLoss": "CategoricalCrossentropy",
    "cross_entropy": "categorical_crossentropy",
    "crossentropy": "categorical_crossentropy",
    "BCELoss": "BinaryCrossentropy",
    "MSELoss": "MeanSquaredError",
    "StepLR": "ExponentialDecay",
    "acc": "accuracy",
    "val_acc": "val_accuracy",
    "Momentum": "SGD",
}

MAX_NAMES = 10  # a list of at most this many names is shown in full, of a longer one the nearest
MAX_NEAREST = 5
MIN_NEAREST_SIMILARITY = 0.45
MIN_SUBSTRING = 3  # characters; shorter ones are part of too many names
ALL_NAMES = "All names: docs/config.md, or mnist schema"


def suggest(name: str, names: Iterable[str], similarity: float = 0.6) -> str | None:
    """The one of `names` that `name` most likely means, if any.

    `similarity`: how similar it has to be, 0–1.
    """
    names = sorted(set(names))
    if SYNONYMS.get(name) in names:
        return SYNONYMS[name]
    same_style = [each for each in names if each[:1].isupper() == name[:1].isupper()]
    by_lower = {each.lower(): each for each in [*names, *same_style]}
    nearest = difflib.get_close_matches(name.lower()[:MAX_VALUE_LENGTH], by_lower, n=1, cutoff=similarity)
    return by_lower[nearest[0]] if nearest else None


def list_names(name: str, names: Sequence[str]) -> str:
    """All of a few names; of many the most similar, and where all are listed."""
    if len(names) <= MAX_NAMES:
        return f"Expected one of: {', '.join(names)}"
    by_lower, name = {each.lower(): each for each in sorted(names)}, name.lower()[:MAX_VALUE_LENGTH]
    nearest = [each for each in by_lower if len(name) >= MIN_SUBSTRING and name in each][:MAX_NEAREST]
    nearest = nearest or difflib.get_close_matches(name, by_lower, n=MAX_NEAREST, cutoff=MIN_NEAREST_SIMILARITY)
    similar = f"Similar names: {', '.join(by_lower[each] for each in sorted(nearest))}. " if nearest else ""
    return similar + ALL_NAMES
