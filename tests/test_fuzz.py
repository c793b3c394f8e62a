"""Damaged inputs of every kind end in a message, and take no memory; `make fuzz` tries thousands of each."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz import KINDS


@pytest.mark.skipif(sys.platform == "win32", reason="the memory of a process is asked of the system")
@pytest.mark.parametrize("name", KINDS)
def test_damaged_inputs_end_in_a_message_and_take_no_memory(name: str, trained: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", name, "30" if name in ("keras", "hdf5") else "100", str(trained)],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 failed" in done.stdout
