"""Values that a shell completes: runs, presets, datasets. `docs/command-line.md` says how a shell is set up."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def complete_run(_: click.Context, __: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """Names of runs, newest first, else folders."""
    from mnist_pipeline.errors import RunError
    from mnist_pipeline.run import store

    try:
        names = [run.folder.name for run in store.all_runs()]
    except RunError:  # the folder of runs cannot be read
        names = []
    return _items(names, incomplete, "dir")


def complete_config(_: click.Context, __: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """Names of presets, else files."""
    from mnist_pipeline.config import presets

    return _items(presets.names(), incomplete, "file")


def complete_data_source(_: click.Context, __: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """Names of datasets, else files."""
    from mnist_pipeline.data.sources import NAMED_SOURCES

    return _items(NAMED_SOURCES, incomplete, "file")


def complete_folder(_: click.Context, __: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """Folders."""
    return _items([], incomplete, "dir")


def _items(names: Iterable[str], incomplete: str, otherwise: str) -> "list[CompletionItem]":
    """The names that continue `incomplete`; if there is none, the shell completes paths of the kind `otherwise`."""
    from click.shell_completion import CompletionItem

    matches = [CompletionItem(name) for name in names if name.startswith(incomplete)]
    return matches or [CompletionItem(incomplete, type=otherwise)]
