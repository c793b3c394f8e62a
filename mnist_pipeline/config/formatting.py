"""Values and names as messages show them."""

MAX_VALUE_LENGTH = 60  # characters
MAX_TEXT_LENGTH = 160


def with_article(kind: str) -> str:
    """`kind` with its article: a layer, an optimizer."""
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def format_value(value: object) -> str:
    """`value` in at most 60 characters; if cut, it keeps its closing quote or bracket."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
    try:
        text = repr(value)
    except ValueError:  # Python does not print integers of thousands of digits
        return "a number with too many digits"
    closing = text[-1] if text[-1] in "'\"]}" and len(text) > MAX_VALUE_LENGTH else ""
    return shorten(text.removesuffix(closing), MAX_VALUE_LENGTH - len(closing)) + closing


def shorten(text: str, max_length: int = MAX_TEXT_LENGTH) -> str:
    """`text`, cut to `max_length` characters if it is longer."""
    return text if len(text) <= max_length else f"{text[: max_length - 3]}..."
