"""What several commands do: load a config, name a path, report a run without LiteRT."""

from typing import TYPE_CHECKING

import click

from mnist_pipeline.terminal import echo, log

if TYPE_CHECKING:
    from pathlib import Path

    from mnist_pipeline.config.load import LoadedConfig
    from mnist_pipeline.run.folder import Run


def to_path(name: str | None) -> "Path | None":
    """`name` as a path; None for None."""
    from pathlib import Path  # 4 of the 70 ms of `mnist --help`, which needs it for nothing else

    return None if name is None else Path(name)


def load_config(config: str | None, overrides: tuple[str, ...]) -> "LoadedConfig":
    """The config in a file or of a preset, its warnings printed. Raises UsageError without one, ConfigError."""
    from mnist_pipeline.config.load import load

    if config is None:
        raise click.UsageError("Missing option '--config' / '-c', such as: --config quickstart")
    loaded = load(config, overrides)
    for warning in loaded.warnings:
        echo(str(warning), err=True)
    return loaded


def report_missing_litert(run: "Run") -> None:
    """Print why a run has no model.tflite, if it has none."""
    litert = run.record.get("litert") or {}
    if not litert.get("used", True):
        instead = "Its model.keras is used, which takes longer to start"
        log(f"{run.name} has no model.tflite: {litert['reason']}. {instead}")
