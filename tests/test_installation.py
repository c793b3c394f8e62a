"""pip installs what the package imports, and nothing else, in tested versions."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PYTHONS = ("3.11", "3.12", "3.13")


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def requirements(*extras: str) -> list[Requirement]:
    lines = [line for extra in extras for line in PROJECT["optional-dependencies"][extra]]
    return [Requirement(line) for line in [*PROJECT["dependencies"], *lines]]


def constraints() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def imported_modules() -> set[str]:
    """The top-level modules that the package imports from others."""
    nodes = [
        node
        for file in (ROOT / "mnist_pipeline").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    ]
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.partition(".")[0] for name in names} - {*sys.stdlib_module_names, "mnist_pipeline"}


def test_the_package_requires_exactly_what_it_imports() -> None:
    packages = metadata.packages_distributions()
    imported = {canonical(packages[name][0]) for name in imported_modules()}
    imported = {"tensorflow" if name == "tensorflow-cpu" else name for name in imported}
    assert imported == {canonical(each.name) for each in requirements()}


def test_everything_that_is_required_has_a_tested_version_that_satisfies_it() -> None:
    tested = constraints()
    wrong = {
        each.name: tested.get(canonical(each.name))
        for each in requirements("dev")
        if tested.get(canonical(each.name), "none") not in each.specifier
    }
    assert wrong == {}
    assert tested["tensorflow-cpu"] == tested["tensorflow"]


def test_another_build_of_tensorflow_takes_its_place_and_all_else_stays() -> None:
    command = [sys.executable, str(ROOT / ".ci" / "requirements.py"), "tensorflow-cpu", "dev"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    names = {Requirement(line).name for line in printed.splitlines()}
    assert names == {each.name for each in requirements("dev")} - {"tensorflow"} | {"tensorflow-cpu"}


def test_the_workflow_runs_the_one_script_on_every_system_and_python() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    test = workflow["jobs"]["test"]
    assert [step["run"] for step in test["steps"] if "run" in step] == [".ci/run"]
    matrix = test["strategy"]["matrix"]
    assert matrix["os"] == ["ubuntu-latest", "macos-latest", "windows-latest"]
    assert matrix["python"] == [*PYTHONS]


@pytest.mark.parametrize("python", [*PYTHONS, "3.10", "3.14"])
def test_pip_takes_the_versions_of_python_that_are_tested_and_no_others(python: str) -> None:
    assert (f"{python}.0" in SpecifierSet(PROJECT["requires-python"])) == (python in PYTHONS)
