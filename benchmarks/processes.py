"""Whole processes: their duration, their memory and their results."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND = [str(Path(sys.executable).with_name("mnist"))]
MEASURED = [sys.executable, "-S", str(Path(__file__).with_name("measured.py"))]


@dataclass(frozen=True)
class Finished:
    """A process that succeeded: wall seconds, peak memory in MiB, and its output."""

    seconds: float
    mebibytes: float
    output: str

    @property
    def result(self) -> dict[str, Any]:
        """The result that it printed last."""
        result: dict[str, Any] = json.loads(self.output.splitlines()[-1])
        return result


def module(name: str, *arguments: str) -> list[str]:
    """The command line that runs a module of the benchmarks."""
    return [sys.executable, "-m", f"benchmarks.{name}", *arguments]


def mnist(*arguments: str) -> list[str]:
    """The command line of a command of the pipeline."""
    return [*COMMAND, *arguments]


def run(command: Sequence[str]) -> Finished:
    """Run `command` to its end. Raises CalledProcessError, with its output, if it fails."""
    print(" ", " ".join(command[1:] if command[0] == sys.executable else command), file=sys.stderr)
    with tempfile.NamedTemporaryFile("r") as report:
        finished = subprocess.run(  # noqa: S603, our own commands
            [*MEASURED, report.name, *command], capture_output=True, text=True, check=True
        )
        return Finished(**json.load(report), output=finished.stdout)


def in_turn(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, list[Finished]]:
    """Every command `rounds` times, one after another in each round, so that the machine's load affects all alike.

    `{round}` in a command stands for the number of the round.
    """
    finished: dict[str, list[Finished]] = {name: [] for name in commands}
    for number in range(rounds):
        for name, command in commands.items():
            finished[name].append(run([part.replace("{round}", str(number)) for part in command]))
    return finished
