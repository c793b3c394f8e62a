"""pydantic's findings in the words of someone who is learning."""

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from mnist_pipeline.config.keras.left_out import argument_reason

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

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

MAX_VALUE_LENGTH = 60
MAX_TEXT_LENGTH = 160

# As many names as a line tells at once; of a longer list, those that are nearest.
MAX_NAMES = 10
NEAREST = 5
NEAR = 0.45
SHORTEST_PART = 3  # shorter ones are a part of too many names
WHOLE_LIST = "The whole list: docs/config.md, or mnist schema"

# The alternatives of a union, which pydantic counts as a part of the path.
TAGS = ("number", "list", "text", "mapping")

# The findings that quotes or Python's notation may have brought about.
MISREAD = ("int_type", "float_type", "bool_type", "union_tag_invalid", "literal_error", "no_length", "list_type")

# The keys whose values are lists of objects.
LISTS = ("layers", "metrics", "callbacks")

PLAIN = {
    "a valid integer": "a whole number",
    "a valid number": "a number",
    "a valid boolean": "true or false",
    "a valid string": "text",
    "a valid list": "a list",
    "a valid dictionary": "a mapping (argument: value)",
}


# How many problems are told at once; the others are counted.
MAX_DIAGNOSTICS = 20


def suggest(name: str, known: Iterable[str], similarity: float = 0.6) -> str | None:
    """The name of `known` that `name` most likely means, if one is as similar as that."""
    known = sorted(set(known))
    if SYNONYMS.get(name) in known:
        return SYNONYMS[name]
    same_style = [each for each in known if each[:1].isupper() == name[:1].isupper()]
    by_lower = {each.lower(): each for each in [*known, *same_style]}
    near = difflib.get_close_matches(name.lower()[:MAX_VALUE_LENGTH], by_lower, n=1, cutoff=similarity)
    return by_lower[near[0]] if near else None


def choices(name: str, known: Sequence[str]) -> str:
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


def with_article(kind: str) -> str:
    """`kind` with its article: a layer, an optimizer."""
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def drop_implied_errors(
    errors: "list[ErrorDetails]", known: Callable[[tuple[str | int, ...]], Iterable[str]]
) -> "list[ErrorDetails]":
    """`errors` less those that another one explains: a missing `units` beside an unknown `unit`.

    `known` gives the keys that there are at a path. Of very many unknown keys the first alone explain anything.
    """
    owners = {error["loc"][:-1] for error in errors if error["type"] == "missing"}
    unknown = [error["loc"] for error in errors if error["type"] == "extra_forbidden" and error["loc"][:-1] in owners]
    meant = {(*above, suggest(str(key), known(tuple(above)))) for *above, key in unknown[:MAX_DIAGNOSTICS]}
    return [error for error in errors if not (error["type"] == "missing" and error["loc"] in meant)]


def format_error(error: "ErrorDetails", owner: str, known: Iterable[str]) -> str:
    """One finding of pydantic as a sentence; `owner` is what the key belongs to, `known` the keys it has."""
    known, name, received = list(known), _name(error), format_value(error["input"])
    key = str(error["loc"][-1]) if error["loc"] else owner
    match error["type"]:
        case "worded" | "unknown_key" | "no_length":
            sentence = error["msg"]
        case "missing":
            sentence = f"{owner} needs '{key}', and it is missing"
        case "extra_forbidden":
            sentence = _cut_off(key) or f"{owner} has no '{shortened(key)}'. {_rest(key, known, owner)}"
        case "literal_error":
            names = [
                choice.strip("'").lower() if choice in ("True", "False") else choice.strip("'")
                for choice in re.findall(r"'[^']*'|True|False", error["ctx"]["expected"])
            ]
            rest = "" if _habit(error) else f". {_rest(str(error['input']), names)}"
            sentence = f"{name}: {received} is not known here{rest}"
        case "model_type" | "dict_type" | "model_attributes_type":
            sentence = f"{name}: expected key: value pairs, received {received}"
        case "union_tag_invalid":
            sentence = f"{name}: expected {_either(error)}, received {received}"
        case _:
            sentence = f"{name}: {_plain(error['msg'])}, received {received}"
    return sentence + _habit(error)


def _rest(name: str, known: list[str], owner: str = "") -> str:
    reason = argument_reason(owner, name) if owner[:1].isupper() else None  # Keras' classes, not sections of a config
    if reason:
        return f"Leave it out: {reason}"
    meant = suggest(name, known)
    return f"Did you mean '{meant}'?" if meant else choices(name, known)


def _cut_off(key: str) -> str | None:
    """What to say of `3)`, which YAML makes of `{kernel_size: (3, 3)}`."""
    if not key.endswith(")") or "(" in key:
        return None
    written = "[3, 3] for a list, Name: {argument: value} for a call"
    return f"'{shortened(key)}' is the end of Python's parentheses. A config writes {written}"


def _habit(error: "ErrorDetails") -> str:
    """What to do where quotes make text of a number, a number should be text, or a value is written as in Python."""
    value = error["input"]
    if error["type"] == "list_type" and error["loc"][-1:] and error["loc"][-1] in LISTS:
        return _as_list(value)
    if error["type"] == "string_type" and isinstance(value, (bool, int, float)):
        return ": put it in quotes"
    if not isinstance(value, str) or error["type"] not in MISREAD:
        return ""
    if value == "None":
        return ": leave it out, or write null"
    if value.startswith("("):
        return ". A config writes a list as [3, 3]"
    number = re.fullmatch(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?", value) and error["type"] != "bool_type"
    truth = value in ("true", "false") and error["type"] in ("bool_type", "literal_error")
    return ": it has quotes, which make it text. Remove them" if number or truth else ""


def _as_list(value: object) -> str:
    """How to write a list of the one object `value`."""
    if isinstance(value, str) and value.isidentifier():
        return f": write [{value}]"
    if isinstance(value, dict) and value:
        name, arguments = next(iter(value.items()))
        return f": write '- {shortened(str(name))}{': …' if arguments else ''}', with '- ' in front of each"
    return ""


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


def format_value(value: object) -> str:
    """A value as a message shows it: in YAML's words, not longer than a line, and closed where it is cut."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
    try:
        text = repr(value)
    except ValueError:  # Python prints no numbers of thousands of digits
        return "a number with too many digits"
    closing = text[-1] if text[-1] in "'\"]}" and len(text) > MAX_VALUE_LENGTH else ""
    return shortened(text.removesuffix(closing), MAX_VALUE_LENGTH - len(closing)) + closing


def shortened(text: str, longest: int = MAX_TEXT_LENGTH) -> str:
    """`text`, cut where it is longer than that."""
    return text if len(text) <= longest else f"{text[: longest - 3]}..."
