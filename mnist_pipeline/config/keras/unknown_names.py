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


def explain_unknown_name(registry: Registry, spelling: str) -> str:
    """Why `spelling` names no class of `registry`, and what to write."""
    message = explain_python_call(spelling, registry) or class_message(registry.module, spelling)
    if message:
        return message
    problem = f"{format_value(spelling)} is not {with_article(registry.kind)}"
    if registry.definition == "layers" and spelling in get_args(ActivationName):
        return f"{problem}. Write Activation: {spelling}"
    for other in REGISTRIES:
        if spelling in other:
            return f"{problem}, but {with_article(other.kind)}"
    if "(" in spelling:
        return f"{problem}. Write a call as Name: {{argument: value}}"
    suggestion = suggest(spelling, [*registry.signatures, *registry.aliases])
    advice = f"Did you mean '{suggestion}'?" if suggestion else list_names(spelling, sorted(registry.signatures))
    return f"{problem}. {advice}"
