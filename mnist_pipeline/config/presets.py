"""The configs that come with the package."""

from pathlib import Path

from mnist_pipeline.terminal import in_one_line

_PACKAGE = Path(__file__).parents[1]


def folder() -> Path:
    """Folder of the presets: in the installed package, or `configs/` of the checkout."""
    installed = _PACKAGE / "presets"
    return installed if installed.is_dir() else _PACKAGE.parent / "configs"


def names() -> list[str]:
    """Names of the presets, sorted."""
    return sorted(file.stem for file in folder().glob("*.yaml"))


def path(name: str) -> Path:
    """File of the preset `name`."""
    return folder() / f"{name}.yaml"


def display_name(file: Path) -> str:
    """Name of a config file in messages: its path, or `the preset NAME`."""
    return f"the preset {file.stem}" if file.parent == folder() else in_one_line(str(file))
