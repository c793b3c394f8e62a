"""What to say of a name that is none of its kind: what is meant by it."""

from typing import get_args

from mnist_pipeline.config.keras.catalog import REGISTRIES
from mnist_pipeline.config.keras.catalog.left_out import refusal
from mnist_pipeline.config.keras.python_calls import NETWORKS, call, network
from mnist_pipeline.config.keras.spec import Registry
from mnist_pipeline.config.keras.types import ActivationName
from mnist_pipeline.config.suggestions import list_names, suggest
from mnist_pipeline.config.values import format_value, with_article


def unknown(table: Registry, written: str) -> str:
    """Why `written` names no object of `table`, and what to write."""
    found = network(written) if written in NETWORKS else call(written, table)
    if found:
        return found
    left_out = refusal(table.module, written)
    if left_out:
        return left_out
    what = f"{format_value(written)} is not {with_article(table.kind)}"
    if table.definition == "layers" and written in get_args(ActivationName):
        return f"{what}. Write Activation: {written}"
    for other in REGISTRIES:
        if written in other:
            return f"{what}, but {with_article(other.kind)}"
    if "(" in written:
        return f"{what}. A config writes a call as Name: {{argument: value}}"
    meant = suggest(written, [*table.signatures, *table.aliases])
    return f"{what}. " + (f"Did you mean '{meant}'?" if meant else list_names(written, sorted(table.signatures)))
