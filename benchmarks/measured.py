"""Run a command and write what it took, as JSON: `measured.py FILE COMMAND...`.

A process of its own, and a small one: Linux counts the memory of the parent, before exec, to the peak of a child.
"""

import json
import os
import sys
import time
from pathlib import Path

file, *command = sys.argv[1:]
start = time.perf_counter()
process = os.posix_spawnp(command[0], command, os.environ)
_, status, used = os.wait4(process, 0)
seconds = time.perf_counter() - start
Path(file).write_text(json.dumps({"seconds": seconds, "mebibytes": used.ru_maxrss / 1024}), encoding="utf-8")
sys.exit(os.waitstatus_to_exitcode(status))
