"""The documents say what the program does."""

import ast
import re
import runpy
from pathlib import Path

import click
import pytest

from mnist_pipeline.cli.main import cli
from mnist_pipeline.config import presets
from mnist_pipeline.config.load import load

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTEXT = click.Context(cli)
COMMANDS = {name: command for name in cli.list_commands(CONTEXT) if (command := cli.get_command(CONTEXT, name))}


def test_the_reference_of_the_config_is_current() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "make_config.py"))["page"]()
    assert (ROOT / "docs" / "config.md").read_text(encoding="utf-8") == made, "run: make docs"


def test_every_command_that_the_readme_shows_exists() -> None:
    shown = set(re.findall(r"^(?:\$ )?mnist (\w+)", README, flags=re.MULTILINE))
    assert {"train", "evaluate", "predict"} <= shown <= set(COMMANDS)


def test_every_command_of_the_program_is_in_the_readme() -> None:
    assert all(f"mnist {name}" in README for name in COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_help_of_a_command_has_an_example(name: str) -> None:
    command = COMMANDS[name]
    text = command.get_help(click.Context(command, info_name=f"mnist {name}"))
    assert f"mnist {name}" in text.partition("Options:")[0].partition("\n")[2]


def test_every_preset_is_in_the_readme() -> None:
    assert all(f"`{name}`" in README for name in presets.names())


@pytest.mark.parametrize("name", presets.names())
def test_a_preset_begins_with_its_command_and_what_it_reached(name: str) -> None:
    head = (presets.folder() / f"{name}.yaml").read_text(encoding="utf-8").split("\n\n")[0].splitlines()[:4]
    assert any(f"mnist train --config {name}" in line for line in head)
    assert all(line.startswith("#") for line in head[:2])


@pytest.mark.parametrize("name", presets.names())
def test_the_readme_says_of_a_preset_what_its_head_says(name: str) -> None:
    head = " ".join((presets.folder() / f"{name}.yaml").read_text(encoding="utf-8").splitlines()[:4])
    row = next(line for line in README.splitlines() if line.startswith(f"| `{name}` |"))
    *_, accuracy, _, seconds = [cell.strip() for cell in row.strip("|").split("|")]
    assert seconds == "–" or f" {seconds} s " in f"{head} "
    assert accuracy == "–" or accuracy.removeprefix("MAE ") in head


def test_every_yaml_block_of_the_readme_that_is_a_config_is_sound(tmp_path: Path) -> None:
    blocks = [block for block in re.findall(r"```yaml\n(.*?)```", README, flags=re.DOTALL) if "model:" in block]
    assert blocks
    for block in blocks:
        file = tmp_path / "readme.yaml"
        file.write_text(block, encoding="utf-8")
        assert load(str(file)).warnings == []


def variables(file: Path) -> set[str]:
    """The environment variables that a file of the package reads or sets; where it computes a name, all it may be."""
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    names = [node.slice for node in nodes if isinstance(node, ast.Subscript) and is_environment(node.value)]
    for node in nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and is_environment(node.func.value):
            names += node.args[:1]
    if not all(isinstance(name, ast.Constant) for name in names):
        names = nodes
    texts = {name.value for name in names if isinstance(name, ast.Constant) and isinstance(name.value, str)}
    return {text for text in texts if re.fullmatch("[A-Z][A-Z0-9]*_[A-Z0-9_]+", text)} - {"PYTHONPATH"}


def is_environment(node: ast.AST) -> bool:
    return ast.unparse(node) in {"os.environ", "environ"}


def test_no_variable_is_read_in_another_way() -> None:
    texts = [file.read_text(encoding="utf-8") for file in (ROOT / "mnist_pipeline").rglob("*.py")]
    assert not any(re.search(r"\bgetenv\b|import environ\b", text) for text in texts)


def test_every_environment_variable_that_the_package_knows_is_documented() -> None:
    known = set[str]().union(*map(variables, (ROOT / "mnist_pipeline").rglob("*.py")))
    assert {"MNIST_DATA", "KERAS_HOME", "TF_NUM_INTRAOP_THREADS", "CUDA_VISIBLE_DEVICES"} <= known
    documented = set(re.findall(r"^\| .*", (ROOT / "docs" / "environment.md").read_text("utf-8"), flags=re.MULTILINE))
    rows = " ".join(row.split(" | ")[0] for row in documented)
    assert {name for name in known if f"`{name}`" not in rows} == set()


@pytest.mark.parametrize("page", ["SECURITY.md", "docs/reliability.md"])
def test_a_promise_names_a_test_that_exists(page: str) -> None:
    named = re.findall(r"`(tests/\w+\.py)(?:::(\w+))?`", (ROOT / page).read_text(encoding="utf-8"))
    assert named
    for file, test in named:
        assert f"def {test}" in (ROOT / file).read_text(encoding="utf-8"), (file, test)


def test_no_file_names_a_path_of_one_machine() -> None:
    texts = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *presets.folder().glob("*.yaml")]
    assert [file.name for file in texts if re.search(r"/(root|home/\w+|tmp)/", file.read_text(encoding="utf-8"))] == []
