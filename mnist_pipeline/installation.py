"""Packages that pip has to install. Imports none of them, as any may be missing."""

import re
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]


def requirements() -> dict[str, str]:
    """Package name -> requirement, such as `keras>=3.15`.

    From the metadata of the installed package, otherwise from the checkout.
    """
    try:
        lines = metadata.requires("mnist-pipeline") or []
    except metadata.PackageNotFoundError:
        project = ROOT / "pyproject.toml"
        lines = tomllib.loads(project.read_text("utf-8"))["project"]["dependencies"] if project.exists() else []
    return {_name(line): line for line in lines if ";" not in line}  # extras have a marker: ; extra == 'dev'


def install_again(packages: Iterable[str]) -> str:
    """The pip command to run when `packages` cannot be imported."""
    required = requirements()
    arguments = " ".join(f"'{required.get(name, name)}'" for name in packages)
    return f"Install again: pip install --force-reinstall {arguments}"


def _name(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement)[0]
