"""The design: which room imports which, and what a command must not load."""

import ast
import statistics
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

PACKAGE = Path(__file__).parents[1] / "mnist_pipeline"

# Folder or file of the package -> what else of the package it may import.
MAY_IMPORT = {
    "errors": set(),
    "tasks": set(),
    "threads": set(),
    "files": set(),
    "process": set(),
    "native_stderr": {"process"},
    "environment": set(),
    "installation": set(),
    "terminal": {"errors"},
    "framework": {"environment", "native_stderr", "process", "errors"},
    "config": {"tasks", "files", "terminal", "process", "errors"},
    "run": {"config", "tasks", "files", "environment", "process", "errors"},
    "data": {"run", "config", "tasks", "files", "native_stderr", "process", "errors"},
    "diagnostics": {"data", "run", "framework", "installation", "environment", "native_stderr", "process", "errors"},
    "models": {
        "data", "run", "config", "tasks", "framework", "environment", "native_stderr", "process",
        "errors",
    },
    "metrics": {"models", "data", "run", "config", "tasks", "errors"},
    "training": {
        "diagnostics", "data", "run", "config", "tasks", "framework", "environment", "threads", "terminal",
        "native_stderr", "process", "errors",
    },
    "pipeline": {"training", "metrics", "models", "data", "run", "config", "errors"},
    "comparison": {"models", "run"},
    "verify": {"comparison", "metrics", "data", "run", "errors"},
    "reproduce": {"verify", "comparison", "pipeline", "data", "run", "environment", "errors"},
    "cli": {
        "reproduce", "verify", "comparison", "pipeline", "training", "metrics", "models", "diagnostics", "data", "run",
        "config", "environment", "files", "terminal", "threads", "process", "errors",
    },
    "__main__": {"cli", "installation", "terminal", "errors"},
    "python_arguments": {"data", "config", "run", "errors"},
    "python_interface": {
        "python_arguments", "pipeline", "training", "metrics", "models", "data", "run", "config", "framework",
        "terminal", "errors",
    },
    "__init__": {"python_interface", "errors"},
}  # fmt: skip
FILES = sorted(PACKAGE.rglob("*.py"))


def imported(file: Path) -> set[str]:
    """All modules that a file imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def room(name: str) -> str:
    return name.removeprefix("mnist_pipeline.").split(".")[0]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_a_room_imports_only_the_rooms_below_it(file: Path) -> None:
    own = file.relative_to(PACKAGE).with_suffix("").parts[0]
    ours = {room(name) for name in imported(file) if name.startswith("mnist_pipeline.")} - {own, "__version__"}
    assert ours <= MAY_IMPORT[own]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_tensorflow_is_imported_in_one_place(file: Path) -> None:
    heavy = {name.split(".")[0] for name in imported(file)} & {"tensorflow", "keras"}
    assert not heavy or file.name == "framework.py"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_text_reaches_the_terminal_in_one_place(file: Path) -> None:
    calls = [node.func for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    printing = [ast.unparse(call) for call in calls if ast.unparse(call) in {"print", "click.echo", "click.secho"}]
    assert not printing or file.name == "terminal.py"


def loaded_by(command: list[str], cwd: Path) -> set[str]:
    """The packages that a command has loaded when it ends, and the rooms of this one."""
    program = (
        "import sys\n"
        "from mnist_pipeline.cli.main import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit as ended: assert not ended.code\n"
        "print(*sys.modules, file=sys.stderr)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, *command], cwd=cwd, capture_output=True, text=True, check=False, timeout=60
    )
    assert result.returncode == 0, result.stderr
    names = result.stderr.strip().splitlines()[-1].split()
    return {room(name) for name in names} | {name.split(".")[0] for name in names}


HEAVY = {"tensorflow", "keras", "scipy", "sklearn", "rich"}


def test_help_loads_none_of_the_rooms(tmp_path: Path) -> None:
    rooms = {"training", "metrics", "models", "diagnostics", "data", "run", "config", "framework"}
    assert loaded_by(["--help"], tmp_path).isdisjoint({*HEAVY, *rooms, "numpy", "yaml", "pydantic"})


@pytest.mark.parametrize("command", [["check", "--config", "complete"], ["schema"], ["runs"]], ids=" ".join)
def test_a_command_that_builds_nothing_loads_nothing_heavy(command: list[str], tmp_path: Path) -> None:
    assert loaded_by(command, tmp_path).isdisjoint(HEAVY)


def test_evaluating_a_run_loads_neither_tensorflow_nor_rich(trained: Path, tmp_path: Path) -> None:
    loaded = loaded_by(["evaluate", "--run", str(trained), "--data", "mnist_sample"], tmp_path)
    assert loaded.isdisjoint({"tensorflow", "keras", "rich"})


def test_predicting_an_image_loads_neither_tensorflow_nor_a_config_nor_pydantic(trained: Path, tmp_path: Path) -> None:
    one = Image.new("L", (28, 28))
    one.paste(255, (13, 4, 16, 24))
    one.save(tmp_path / "one.png")
    loaded = loaded_by(["predict", "one.png", "--run", str(trained)], tmp_path)
    assert {"ai_edge_litert", "models"} <= loaded
    assert loaded.isdisjoint({*HEAVY, "config", "pydantic", "yaml"})


def test_no_file_is_longer_than_a_reader_can_keep_in_mind() -> None:
    tables = {"layers.py"}
    sizes = {file.name: len(file.read_text(encoding="utf-8").splitlines()) for file in FILES}
    assert {name: size for name, size in sizes.items() if size > 350 and name not in tables} == {}


def _first_statement(function: ast.FunctionDef) -> ast.stmt:
    """The first below its docstring, if it has more than that."""
    documented = ast.get_docstring(function) is not None and len(function.body) > 1
    return function.body[1] if documented else function.body[0]


def test_a_function_can_be_seen_at_once() -> None:
    functions = [
        (node.end_lineno - _first_statement(node).lineno + 1, f"{file.name}: {node.name}")
        for file in FILES
        if file.parent.name != "catalog"  # signatures of Keras
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    ]
    assert [name for lines, name in functions if lines > 50] == []
    assert statistics.median(lines for lines, _ in functions) < 10
