"""Measure everything and write RESULTS.md; with names of sections as arguments, print only those."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.processes import module, run
from benchmarks.sections import (
    checkpoints,
    commands,
    epochs,
    memory,
    operations,
    precision,
    predictions,
    scaling,
    to_99,
)

RESULTS = Path(__file__).with_name("RESULTS.md")
SECTIONS: dict[str, Callable[[Path], Iterator[str]]] = {
    "epochs": epochs.section,
    "operations": operations.section,
    "to_99": to_99.section,
    "commands": commands.section,
    "predictions": predictions.section,
    "precision": precision.section,
    "memory": memory.section,
    "scaling": scaling.section,
    "checkpoints": checkpoints.section,
}


def main(names: list[str]) -> None:
    """Measure the sections with `names`, or all."""
    with tempfile.TemporaryDirectory() as folder:
        parts = [part for name in names or SECTIONS for part in SECTIONS[name](Path(folder))]
    if names:
        print("\n".join(parts))
    else:
        RESULTS.write_text("\n".join([_head(), *parts]), encoding="utf-8")


def _head() -> str:
    machine = run(module("machine")).result
    installed = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    threads = machine["threads"]["intra_op"]
    return f"""# Results

`make bench`, {datetime.now(UTC):%Y-%m-%d}: {machine["processor"]}, {machine["cpus"]} processors,
{threads} threads, {", ".join(machine["gpus"]) or "no GPU"}; {installed}.
Medians, with the smallest and the largest in brackets. Contestants run in turn, so that the machine's
load affects all alike; compare numbers of one table, not of two machines.
"""


main(sys.argv[1:])
