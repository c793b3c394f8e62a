"""The configs that come with the package."""

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]


def folder() -> Path:
    """Where the presets lie: in the installed package, or in the checkout it runs from."""
    installed = _PACKAGE / "presets"
    return installed if installed.is_dir() else _PACKAGE.parent / "configs"


def names() -> list[str]:
    """The names of the presets, sorted."""
    return sorted(file.stem for file in folder().glob("*.yaml"))
