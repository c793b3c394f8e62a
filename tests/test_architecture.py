"""The design, held: who may import whom, and what must not be loaded."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

PACKAGE = Path(__file__).parents[1] / "mnist_pipeline"

# A folder or file of the package -> what it may import of the package besides itself.
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
    "checks": {"models", "run"},
    "verify": {"checks", "metrics", "data", "run", "errors"},
    "reproduce": {"verify", "checks", "pipeline", "data", "run", "environment", "errors"},
    "cli": {
        "reproduce", "verify", "checks", "pipeline", "training", "metrics", "models", "diagnostics", "data", "run",
        "config", "environment", "files", "terminal", "threads", "process", "errors",
    },
    "__main__": {"cli", "installation", "terminal", "errors"},
    "python_interface": {
        "pipeline", "training", "metrics", "models", "data", "run", "config", "framework", "errors",
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


def stage(name: str) -> str:
    return name.removeprefix("mnist_pipeline.").split(".")[0]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_imports_point_in_the_direction_in_which_data_flow(file: Path) -> None:
    own = file.relative_to(PACKAGE).with_suffix("").parts[0]
    ours = {stage(name) for name in imported(file) if name.startswith("mnist_pipeline.")} - {own, "__version__"}
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
    """The packages, ours by their parts, that a process has loaded when it has carried out a command."""
    program = (
        "import sys\n"
        "from mnist_pipeline.cli.main import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit as ended: assert not ended.code\n"
        "print(*sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *command], cwd=cwd, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    names = done.stderr.strip().splitlines()[-1].split()
    return {stage(name) for name in names} | {name.split(".")[0] for name in names}


@pytest.mark.parametrize("command", [["--help"], ["check", "--config", "complete"], ["schema"], ["runs"]], ids=" ".join)
def test_a_command_that_builds_nothing_loads_no_tensorflow(command: list[str], tmp_path: Path) -> None:
    assert loaded_by(command, tmp_path).isdisjoint({"tensorflow", "keras", "scipy", "sklearn"})


@pytest.mark.parametrize("command", [["--help"], ["check", "--config", "complete"], ["runs"]], ids=" ".join)
def test_tables_are_drawn_without_rich(command: list[str], tmp_path: Path) -> None:
    assert "rich" not in loaded_by(command, tmp_path)


def test_to_judge_a_run_takes_neither_tensorflow_nor_rich(trained: Path, tmp_path: Path) -> None:
    loaded = loaded_by(["evaluate", "--run", str(trained), "--data", "mnist_sample"], tmp_path)
    assert loaded.isdisjoint({"tensorflow", "keras", "rich"})


def test_to_read_a_picture_takes_neither_tensorflow_nor_a_config_nor_pydantic_nor_rich(
    trained: Path, tmp_path: Path
) -> None:
    one = Image.new("L", (28, 28))
    one.paste(255, (13, 4, 16, 24))
    one.save(tmp_path / "one.png")
    loaded = loaded_by(["predict", "one.png", "--run", str(trained)], tmp_path)
    assert {"ai_edge_litert", "models"} <= loaded
    assert loaded.isdisjoint({"tensorflow", "keras", "scipy", "sklearn", "config", "pydantic", "yaml", "rich"})


def test_no_file_has_grown_past_what_one_can_hold_in_the_head() -> None:
    tables = {"layers.py"}
    sizes = {file.name: len(file.read_text(encoding="utf-8").splitlines()) for file in FILES}
    assert {name: size for name, size in sizes.items() if size > 350 and name not in tables} == {}
