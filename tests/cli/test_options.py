"""Options that several commands take."""

from pathlib import Path

import click
import pytest

from mnist_pipeline.cli.commands import NAMES
from mnist_pipeline.cli.main import cli
from tests.conftest import Mnist

COMMANDS = {name: command for name in NAMES if (command := cli.get_command(click.Context(cli), name))}
ONE_RUN = sorted(
    name for name, command in COMMANDS.items() if "run_argument" in {parameter.name for parameter in command.params}
)


def test_every_command_that_takes_a_run_takes_it_as_an_argument_too_unless_its_arguments_are_images() -> None:
    with_option = {name for name, command in COMMANDS.items() if any("--run" in each.opts for each in command.params)}
    assert with_option == {*ONE_RUN, "predict"}
    assert {"evaluate", "verify", "reproduce"} <= set(ONE_RUN)


@pytest.mark.parametrize("name", ONE_RUN)
def test_a_run_may_be_an_argument_or_an_option(mnist: Mnist, name: str) -> None:
    errors = [mnist(name, *arguments).err for arguments in (["nope"], ["--run", "nope"], ["nope", "--run", "nope"])]
    assert errors[0].startswith("Error: nope: ")
    assert len(set(errors)) == 1


@pytest.mark.parametrize("name", ONE_RUN)
def test_two_runs_are_wrong_usage(mnist: Mnist, name: str) -> None:
    result = mnist(name, "first", "--run", "second")
    assert result.status == 2
    assert result.err.startswith(f"Usage: mnist {name}")
    assert result.err.endswith("Error: Received two runs, first and --run second. Name one.\n")


def test_a_run_is_found_by_either(mnist: Mnist, trained: Path) -> None:
    by_argument, by_option = mnist("verify", trained), mnist("verify", "--run", trained)
    assert by_argument.status == 0
    assert by_argument == by_option


def texts(name: str) -> list[click.Parameter]:
    """The parameters of a command that take any text."""
    return [each for each in COMMANDS[name].params if isinstance(each.type, click.types.StringParamType | click.Path)]


@pytest.mark.parametrize(
    ("name", "parameter"), [(name, each) for name in NAMES for each in texts(name)],
    ids=[f"{name} {each.name}" for name in NAMES for each in texts(name)],
)  # fmt: skip
def test_an_empty_value_as_from_an_unset_variable_of_a_shell_is_wrong_usage(
    mnist: Mnist, name: str, parameter: click.Parameter
) -> None:
    option = [parameter.opts[0]] if isinstance(parameter, click.Option) else []
    result = mnist(name, *option, "")
    assert (result.status, result.out) == (2, "")
    assert result.err.endswith("expected a value, received an empty one. Is a shell variable unset?\n")
