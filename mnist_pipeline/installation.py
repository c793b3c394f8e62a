"""What pip has to install for this package to work. Needs none of it, as any of it may be missing."""

import re
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]


def requirements() -> dict[str, str]:
    """Of each package that this one needs what pip takes for it: `keras>=3.15`.

    An installed one says so, else its checkout.
    """
    try:
        told = metadata.requires("mnist-pipeline") or []
    except metadata.PackageNotFoundError:
        project = ROOT / "pyproject.toml"
        told = tomllib.loads(project.read_text("utf-8"))["project"]["dependencies"] if project.exists() else []
    return {_name(each): each for each in told if ";" not in each}  # after it stands when: extra == 'dev'


def install_again(packages: Iterable[str]) -> str:
    """What to do about packages that cannot be imported."""
    needed = requirements()
    wanted = " ".join(f"'{needed.get(name, name)}'" for name in packages)
    return f"Install again: pip install --force-reinstall {wanted}"


def _name(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement)[0]
