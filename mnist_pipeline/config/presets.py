"""The configs that come with the package."""

from pathlib import Path

from mnist_pipeline.config.suggestions import suggest
from mnist_pipeline.errors import ConfigError
from mnist_pipeline.terminal import in_one_line

_PACKAGE = Path(__file__).parents[1]


def folder() -> Path:
    """Folder of the presets: in the installed package, or `configs/` of the checkout."""
    installed = _PACKAGE / "presets"
    return installed if installed.is_dir() else _PACKAGE.parent / "configs"


def names() -> list[str]:
    """Names of the presets, sorted."""
    return sorted(file.stem for file in folder().glob("*.yaml"))


def find(name: str) -> Path:
    """File of the preset `name`. Raises ConfigError that suggests the likely preset."""
    if name in names():
        return folder() / f"{name}.yaml"
    raise ConfigError(f"{name}: no such preset. {suggestion(name)}")


def suggestion(name: str) -> str:
    """The preset that `name` probably means, and all there are, in sentences."""
    likely = suggest(name, names())
    return (f"Did you mean the preset '{likely}'? " if likely else "") + f"Presets: {', '.join(names())}"


def display_name(file: Path) -> str:
    """Name of a config file in messages: its path, or `the preset NAME`."""
    return f"the preset {file.stem}" if file.parent == folder() else in_one_line(str(file))
