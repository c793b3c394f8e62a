"""The list of commands, their help, and the hint after an unknown one."""

import re

import click
import pytest

from mnist_pipeline.cli.commands import NAMES, SECTIONS
from mnist_pipeline.cli.main import cli
from tests.conftest import Mnist

CONTEXT = click.Context(cli)
COMMANDS = {name: command for name in NAMES if (command := cli.get_command(CONTEXT, name))}
LISTED = re.compile(r"^  (\w+)( +)(\S.*)$", re.MULTILINE)


def help_of(name: str) -> str:
    return COMMANDS[name].get_help(click.Context(COMMANDS[name], info_name=f"mnist {name}"))


def test_help_lists_every_command_once_under_its_heading(mnist: Mnist) -> None:
    output = mnist("--help").out
    sections = dict(re.findall(r"^(\w+):\n((?:  .*\n?)+)", output, re.MULTILINE))
    listed = {heading: {name: text for name, _, text in LISTED.findall(sections[heading])} for heading in SECTIONS}
    assert listed == SECTIONS
    assert list(SECTIONS) == ["Make", "Use", "Understand", "Check"]
    assert len(NAMES) == len(set(NAMES)) == len(COMMANDS)


def test_each_command_has_one_whole_line_at_80_columns_and_all_are_aligned(
    mnist: Mnist, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    commands = mnist("--help").out.partition("\nMake:")[2]
    lines = [line for line in commands.splitlines() if line.startswith("  ")]
    assert len(lines) == len(NAMES)
    assert all(len(line) <= 80 and line.endswith(".") and not line.endswith("..") for line in lines)
    assert len({len(name) + len(gap) for name, gap, _ in LISTED.findall(commands)}) == 1


def test_mnist_alone_prints_its_help_once(mnist: Mnist) -> None:
    result = mnist()
    assert result.status == 2
    assert result.err == mnist("--help").out
    assert (result.err.count("Usage:"), result.out) == (1, "")


@pytest.mark.parametrize(("typed", "meant"), [
    ("evalute", "evaluate"), ("Train", "train"), ("predicts", "predict"), ("docter", "doctor"), ("run", "runs"),
])  # fmt: skip
def test_an_unknown_command_gets_the_likely_one_as_a_hint(mnist: Mnist, typed: str, meant: str) -> None:
    result = mnist(typed)
    assert (result.status, result.out) == (2, "")
    assert f"Error: No such command '{typed}'. Did you mean '{meant}'?\n" in result.err


def test_a_command_that_is_like_none_gets_the_list_of_all(mnist: Mnist) -> None:
    result = mnist("xyzzy")
    assert result.status == 2
    assert f"Error: No such command 'xyzzy'. The commands: {', '.join(NAMES)}.\n" in result.err


@pytest.mark.parametrize("arguments", [["--sed", "1"], ["train", "--confg", "x"]], ids=" ".join)
def test_an_unknown_option_is_wrong_usage(mnist: Mnist, arguments: list[str]) -> None:
    result = mnist(*arguments)
    assert (result.status, result.out) == (2, "")
    assert "Error: No such option" in result.err


@pytest.mark.parametrize("name", NAMES)
def test_the_list_has_the_first_sentence_of_the_help_of_a_command(name: str) -> None:
    summaries = {name: summary for commands in SECTIONS.values() for name, summary in commands.items()}
    assert f"{COMMANDS[name].get_short_help_str(limit=1000).rstrip('.')}." == summaries[name]


@pytest.mark.parametrize("name", NAMES)
def test_the_help_of_a_command_has_an_example(name: str) -> None:
    description = help_of(name).partition("Options:")[0].partition("\n")[2]
    assert re.search(rf"^ +(\w+=\S+ |.*\| )?mnist {name}\b", description, re.MULTILINE)


@pytest.mark.parametrize("name", NAMES)
def test_every_option_of_a_command_is_explained(name: str) -> None:
    options = [parameter for parameter in COMMANDS[name].params if isinstance(parameter, click.Option)]
    assert [option.name for option in options if not (option.help or "").endswith(".")] == []
    arguments = [parameter.name for parameter in COMMANDS[name].params if isinstance(parameter, click.Argument)]
    assert not arguments or COMMANDS[name].help
