"""Names that a config may use: the one that is most likely meant, and which there are."""

import difflib
from collections.abc import Iterable, Sequence

from mnist_pipeline.config.values import MAX_VALUE_LENGTH

# What other tools and habits call the things of a config.
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

# As many names as a line tells at once; of a longer list, those that are nearest.
MAX_NAMES = 10
NEAREST = 5
NEAR = 0.45
SHORTEST_PART = 3  # shorter ones are a part of too many names
WHOLE_LIST = "The whole list: docs/config.md, or mnist schema"

# Arguments of Keras' objects that a config does not give, and why.
UNNEEDED_ARGUMENTS = {
    "input_shape": "the first layer is given the pixels, (28, 28, 1), by itself",
    "batch_input_shape": "the first layer is given the pixels, (28, 28, 1), by itself",
    "input_dim": "every layer knows its input",
    "in_features": "every layer knows its input",
    "in_channels": "every layer knows its input",
    "num_features": "every layer knows its input",
    "normalized_shape": "every layer knows its input",
    "data_format": "the channels come last",
    "seed": "the seed of the config fixes everything random",
    "dtype": "training.precision says in which numbers to compute",
    "name": "Keras names it by itself",
    "verbose": "a run shows its own progress",
}


def suggest(name: str, known: Iterable[str], similarity: float = 0.6) -> str | None:
    """The name of `known` that `name` most likely means, if one is as similar as that."""
    known = sorted(set(known))
    if SYNONYMS.get(name) in known:
        return SYNONYMS[name]
    same_style = [each for each in known if each[:1].isupper() == name[:1].isupper()]
    by_lower = {each.lower(): each for each in [*known, *same_style]}
    near = difflib.get_close_matches(name.lower()[:MAX_VALUE_LENGTH], by_lower, n=1, cutoff=similarity)
    return by_lower[near[0]] if near else None


def list_names(name: str, known: Sequence[str]) -> str:
    """Which names there are: all of a few; of many the nearest, and where the whole list stands."""
    if not known:
        return "It takes none"
    if len(known) <= MAX_NAMES:
        return f"Known: {', '.join(known)}"
    by_lower, name = {each.lower(): each for each in sorted(known)}, name.lower()[:MAX_VALUE_LENGTH]
    near = [each for each in by_lower if len(name) >= SHORTEST_PART and name in each][:NEAREST]
    near = near or difflib.get_close_matches(name, by_lower, n=NEAREST, cutoff=NEAR)
    nearest = f"Nearest: {', '.join(by_lower[each] for each in sorted(near))}. " if near else ""
    return nearest + WHOLE_LIST
