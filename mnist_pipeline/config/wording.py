"""pydantic's findings in the words of someone who is learning."""

import difflib
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

# What other tools and habits call the things of a config.
HABITS = {
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

LONGEST_VALUE = 60

# The alternatives of a union, which pydantic counts as a part of the path.
TAGS = ("number", "list", "text", "mapping")

PLAIN = {
    "a valid integer": "a whole number",
    "a valid number": "a number",
    "a valid boolean": "true or false",
    "a valid string": "text",
    "a valid list": "a list",
    "a valid dictionary": "a mapping (argument: value)",
}


def likely(name: str, known: Iterable[str]) -> str | None:
    """The name of `known` that `name` most likely means, if one is near."""
    known = list(known)
    if HABITS.get(name) in known:
        return HABITS[name]
    same_style = [each for each in known if each[:1].isupper() == name[:1].isupper()]
    by_lower = {each.lower(): each for each in [*known, *same_style]}
    near = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[near[0]] if near else None


def unknown_name(kind: str, name: str, known: Iterable[str]) -> str:
    """There is no such `kind`, and which one may be meant, or which ones there are."""
    known = list(known)
    meant = likely(name, known)
    if meant:
        return f"'{name}' is not {with_article(kind)}. Did you mean '{meant}'?"
    return f"'{name}' is not {with_article(kind)}. Known: {', '.join(sorted(set(known), key=str.lower))}"


def with_article(kind: str) -> str:
    """`kind` with its article: a layer, an optimizer."""
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def without_echoes(
    errors: "list[ErrorDetails]", known: Callable[[tuple[str | int, ...]], Iterable[str]]
) -> "list[ErrorDetails]":
    """`errors` less those that another one explains: a missing `units` beside an unknown `unit`.

    `known` gives the keys that there are at a path.
    """
    meant = {
        (*error["loc"][:-1], likely(str(error["loc"][-1]), known(error["loc"][:-1])))
        for error in errors
        if error["type"] == "extra_forbidden"
    }
    return [error for error in errors if not (error["type"] == "missing" and error["loc"] in meant)]


def word(error: "ErrorDetails", owner: str, known: Iterable[str]) -> str:
    """One finding of pydantic as a sentence; `owner` is what the key belongs to, `known` the keys it has."""
    known, name, received = list(known), _name(error), shown(error["input"])
    key = str(error["loc"][-1]) if error["loc"] else owner
    match error["type"]:
        case "worded" | "unknown_key":
            sentence = error["msg"]
        case "missing":
            sentence = f"{owner} needs '{key}', and it is missing"
        case "extra_forbidden":
            sentence = f"{owner} has no '{key}'. {_rest(key, known)}"
        case "literal_error":
            choices = [
                choice.strip("'").lower() if choice in ("True", "False") else choice.strip("'")
                for choice in re.findall(r"'[^']*'|True|False", error["ctx"]["expected"])
            ]
            sentence = f"{name}: {received} is not known here. {_rest(str(error['input']), choices)}"
        case "model_type" | "dict_type" | "model_attributes_type":
            sentence = f"{name}: expected key: value pairs, received {received}"
        case "union_tag_invalid":
            sentence = f"{name}: expected {_either(error)}, received {received}"
        case _:
            sentence = f"{name}: {_plain(error['msg'])}, received {received}"
    return sentence


def _rest(name: str, known: list[str]) -> str:
    meant = likely(name, known)
    if meant:
        return f"Did you mean '{meant}'?"
    return f"Known: {', '.join(known)}" if known else "It takes none"


def _plain(message: str) -> str:
    message = message.replace("Input should be ", "expected ").replace("List should have", "expected")
    message = re.sub(r"expected (greater|less)", r"expected a number \1", message).replace(" after validation", "")
    for formal, simple in PLAIN.items():
        message = message.replace(formal, simple)
    return message


def _name(error: "ErrorDetails") -> str:
    """The last key of the place; list positions and the tags of unions are no names a reader knows."""
    return next((part for part in reversed(error["loc"]) if isinstance(part, str) and part not in TAGS), "value")


def _either(error: "ErrorDetails") -> str:
    tags = error["ctx"]["expected_tags"].replace("'", "")
    return " or ".join(with_article(tag) if tag != "text" else tag for tag in tags.split(", "))


def shown(value: object) -> str:
    """A value as a message shows it: in YAML's words, and not longer than a line."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
    try:
        text = repr(value)
    except ValueError:  # Python prints no numbers of thousands of digits
        return "a number with too many digits"
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 3]}..."
