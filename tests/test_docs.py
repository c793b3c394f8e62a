"""The documents agree with the program."""

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
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
CONTEXT = click.Context(cli)
COMMANDS = {name: command for name in cli.list_commands(CONTEXT) if (command := cli.get_command(CONTEXT, name))}


def test_the_reference_of_the_config_is_current() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "make_config.py"))["page"]()
    assert (ROOT / "docs" / "config.md").read_text(encoding="utf-8") == made, "run: make docs"


def examples(text: str) -> list[list[str]]:
    """The words after `mnist` in each line of `text` that is a command."""
    lines = re.findall(r"^ *(?:\$ |[A-Z_]+=\S+ )?mnist ([a-z].*)$", text, flags=re.MULTILINE)
    return [re.split(r"  +|#|[>|]", line)[0].split() for line in lines]


def test_every_command_is_in_the_readme() -> None:
    commands = {words[0] for words in examples(README)}
    assert commands == set(COMMANDS)


@pytest.mark.parametrize("name", ["README.md", "docs/command-line.md", *COMMANDS])
def test_an_example_uses_options_that_its_command_has(name: str) -> None:
    command = COMMANDS.get(name)
    text = command.get_help(click.Context(command)) if command else (ROOT / name).read_text("utf-8")
    for command_name, *words in examples(text):
        options = {option for parameter in COMMANDS[command_name].params for option in parameter.opts}
        assert {word.partition("=")[0] for word in words if word.startswith("-") and word != "-"} <= options


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_link_to_a_file_leads_to_one(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_preset_is_in_the_readme() -> None:
    assert all(f"`{name}`" in README for name in presets.names())


@pytest.mark.parametrize("name", presets.names())
def test_a_preset_begins_with_its_command(name: str) -> None:
    head = (presets.folder() / f"{name}.yaml").read_text(encoding="utf-8").split("\n\n")[0].splitlines()[:4]
    assert any(f"mnist train --config {name}" in line for line in head)
    assert all(line.startswith("#") for line in head[:2])


@pytest.mark.parametrize("name", presets.names())
def test_the_readme_has_the_accuracy_and_time_of_a_preset_from_its_head(name: str) -> None:
    head = " ".join((presets.folder() / f"{name}.yaml").read_text(encoding="utf-8").splitlines()[:4])
    row = next(line for line in README.splitlines() if line.startswith(f"| `{name}` |"))
    *_, accuracy, _, seconds = [cell.strip() for cell in row.strip("|").split("|")]
    assert seconds == "–" or f" {seconds} s " in f"{head} "
    assert accuracy == "–" or accuracy.removeprefix("MAE ") in head


def test_every_config_in_the_readme_is_valid(tmp_path: Path) -> None:
    blocks = [block for block in re.findall(r"```yaml\n(.*?)```", README, flags=re.DOTALL) if "model:" in block]
    assert blocks
    for block in blocks:
        file = tmp_path / "readme.yaml"
        file.write_text(block, encoding="utf-8")
        assert load(str(file)).warnings == []


def variables(file: Path) -> set[str]:
    """Environment variables that a file reads or sets, or may if it computes a name."""
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


def test_environment_variables_are_read_from_os_environ_alone() -> None:
    texts = [file.read_text(encoding="utf-8") for file in (ROOT / "mnist_pipeline").rglob("*.py")]
    assert not any(re.search(r"\bgetenv\b|import environ\b", text) for text in texts)


def test_every_environment_variable_of_the_package_is_documented() -> None:
    names = set[str]().union(*map(variables, (ROOT / "mnist_pipeline").rglob("*.py")))
    assert {"MNIST_DATA", "KERAS_HOME", "TF_NUM_INTRAOP_THREADS", "CUDA_VISIBLE_DEVICES"} <= names
    documented = set(re.findall(r"^\| .*", (ROOT / "docs" / "environment.md").read_text("utf-8"), flags=re.MULTILINE))
    rows = " ".join(row.split(" | ")[0] for row in documented)
    assert {name for name in names if f"`{name}`" not in rows} == set()


@pytest.mark.parametrize("page", ["SECURITY.md", "docs/reliability.md"])
def test_a_promise_names_a_test_that_exists(page: str) -> None:
    references = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (ROOT / page).read_text(encoding="utf-8"))
    assert references
    for file, test in references:
        assert f"def {test}" in (ROOT / file).read_text(encoding="utf-8"), (file, test)


def test_no_document_names_a_path_of_one_machine() -> None:
    files = [*PAGES, *presets.folder().glob("*.yaml")]
    assert [file.name for file in files if re.search(r"/(root|home/\w+|tmp)/", file.read_text(encoding="utf-8"))] == []
