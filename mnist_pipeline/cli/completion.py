"""Values that a shell completes: runs, presets, datasets.

`docs/command-line.md` describes how to set up a shell.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def complete_run(_: click.Context, __: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """Names of runs, newest first, otherwise folders."""
    from mnist_pipeline.errors import RunError
    from mnist_pipeline.run import store

    try:
        names = [run.folder.name for run in store.all_runs()]
    except RunError:  # the folder of runs cannot be read
        names = []
    return _items(names, incomplete, "dir")


def complete_config(_: click.Context, __: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """Names of presets, otherwise files."""
    from mnist_pipeline.config import presets

    return _items(presets.names(), incomplete, "file")


def complete_data_source(_: click.Context, __: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """Names of datasets, otherwise files."""
    from mnist_pipeline.data.sources import NAMED_SOURCES

    return _items(NAMED_SOURCES, incomplete, "file")


def complete_folder(_: click.Context, __: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """Paths of folders."""
    return _items([], incomplete, "dir")


def _items(names: Iterable[str], incomplete: str, path_type: str) -> "list[CompletionItem]":
    """The names that begin with `incomplete`; if none does, the shell completes paths.

    `path_type`: file or dir.
    """
    from click.shell_completion import CompletionItem

    matches = [CompletionItem(name) for name in names if name.startswith(incomplete)]
    return matches or [CompletionItem(incomplete, type=path_type)]
