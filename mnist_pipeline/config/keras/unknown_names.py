"""Messages about names that are not registered.

They suggest what is probably meant, or give the reason why a config does not take it.
"""

from typing import get_args

from mnist_pipeline.config.formatting import format_value, with_article
from mnist_pipeline.config.keras.catalog import REGISTRIES
from mnist_pipeline.config.keras.python_calls import explain_python_call
from mnist_pipeline.config.keras.spec import Registry
from mnist_pipeline.config.keras.types import ActivationName
from mnist_pipeline.config.keras.unsupported import class_message
from mnist_pipeline.config.suggestions import list_names, suggest


def explain_unknown_name(registry: Registry, written: str) -> str:
    """Why `written` names no class of `registry`, and what to write."""
    explained = explain_python_call(written, registry) or class_message(registry.module, written)
    if explained:
        return explained
    problem = f"{format_value(written)} is not {with_article(registry.kind)}"
    if registry.definition == "layers" and written in get_args(ActivationName):
        return f"{problem}. Write Activation: {written}"
    for other in REGISTRIES:
        if written in other:
            return f"{problem}, but {with_article(other.kind)}"
    if "(" in written:
        return f"{problem}. Write a call as Name: {{argument: value}}"
    meant = suggest(written, [*registry.signatures, *registry.aliases])
    return f"{problem}. " + (f"Did you mean '{meant}'?" if meant else list_names(written, sorted(registry.signatures)))
