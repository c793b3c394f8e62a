"""The modules of the config import each other without cycles or late imports."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from mnist_pipeline import config

FOLDER = Path(config.__file__).parent
FILES = sorted(FOLDER.rglob("*.py"))


def imports(tree: ast.AST) -> set[ast.stmt]:
    """The statements in `tree` that import from this package."""
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    return {node for node in nodes if str(node.module).startswith("mnist_pipeline")}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(FOLDER)))
def test_a_module_of_the_config_imports_others_at_its_top(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    assert imports(tree) == imports(tree) & set(tree.body)


@pytest.mark.parametrize(
    "name", ["messages", "keras.explain", "keras.layer_traits", "keras.catalog.layers", "lint.rules"]
)
def test_any_module_of_the_config_can_be_imported_first(name: str) -> None:
    subprocess.run([sys.executable, "-c", f"import mnist_pipeline.config.{name}"], check=True)
