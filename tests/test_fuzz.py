"""Damaged inputs of every kind end in a message, and take no memory.

`make fuzz` tries thousands of each.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz import KINDS

# Kinds that are read alike share a process, with the number of inputs of each: starting one takes longer than reading.
PROCESSES = {
    ("config",): 50,
    ("npz", "idx", "gzip"): 50,
    ("image", "bit_depth", "exif"): 50,
    ("tflite",): 50,
    ("keras", "hdf5"): 15,
    ("record", "metrics"): 25,
}


@pytest.mark.skipif(sys.platform == "win32", reason="resource, which measures the memory of a process, is not there")
@pytest.mark.parametrize("kinds", PROCESSES, ids=" ".join)
def test_damaged_inputs_end_in_a_message_and_take_no_memory(kinds: tuple[str, ...], trained: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", ",".join(kinds), str(PROCESSES[kinds]), str(trained)],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(" 0 failed") == len(kinds)


def test_every_kind_of_input_is_damaged() -> None:
    assert {kind for kinds in PROCESSES for kind in kinds} == KINDS.keys()
