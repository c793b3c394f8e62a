"""docs/notebook.ipynb runs from top to bottom, and is kept without outputs."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

NOTEBOOK = Path(__file__).parents[1] / "docs" / "notebook.ipynb"


@pytest.fixture(scope="module")
def cells() -> Any:
    return json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]


def test_it_is_kept_without_outputs_and_with_an_id_a_cell(cells: Any) -> None:
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [(cell["outputs"], cell["execution_count"]) for cell in code] == [([], None)] * len(code)
    assert len({cell["id"] for cell in cells}) == len(cells)


def test_it_runs_from_top_to_bottom(cells: Any, tmp_path: Path) -> None:
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    (tmp_path / "notebook.py").write_text("\n".join(sources), encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path)}
    result = subprocess.run(
        [sys.executable, "notebook.py"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert "validation accuracy" in result.stdout
    assert "Did you mean 'epochs'?" in result.stdout
    assert result.stdout.count("finished, accuracy") == 2
