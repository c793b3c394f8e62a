"""Values and names as messages show them."""

MAX_VALUE_LENGTH = 60
MAX_TEXT_LENGTH = 160


def with_article(kind: str) -> str:
    """`kind` with its article: a layer, an optimizer."""
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


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
    return shorten(text.removesuffix(closing), MAX_VALUE_LENGTH - len(closing)) + closing


def shorten(text: str, longest: int = MAX_TEXT_LENGTH) -> str:
    """`text`, cut where it is longer than that."""
    return text if len(text) <= longest else f"{text[: longest - 3]}..."
