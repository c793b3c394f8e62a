"""Messages for the errors that pydantic finds in a config.

The words are made here, from the data that errors carry, so that `spec` need not know the messages about its names.
"""

from collections.abc import Iterable

from pydantic_core import ErrorDetails

from mnist_pipeline.config.keras.python_calls import explain_python_call
from mnist_pipeline.config.keras.unknown_names import explain_unknown_name
from mnist_pipeline.config.messages import format_error


def explain_error(error: ErrorDetails, owner: str, names: Iterable[str]) -> str:
    """What is wrong, and what to write.

    `owner`: the section or object with the key; `names`: the keys that it has.
    """
    match error:
        case {"ctx": {"argument_error": argument}}:
            return explain_error(argument.error, argument.owner, argument.names)
        case {"type": "unknown_name", "ctx": {"registry": registry, "spelling": spelling}}:
            return explain_unknown_name(registry, spelling)
        case {"type": "union_tag_invalid", "input": str(text)}:
            return explain_python_call(text) or format_error(error, owner, names)
    return format_error(error, owner, names)
