"""Print what `pip install '.[EXTRA,...]'` would install, with another package in the place of tensorflow.

pip cannot be told that a package needs "tensorflow or tensorflow-cpu". So, for an environment without CUDA's kernels,
which take 590 MB:

    python .ci/requirements.py tensorflow-cpu > requirements.txt
    pip install --requirement requirements.txt --constraint constraints.txt
    pip install --no-deps .
"""

import sys
import tomllib
from pathlib import Path


def main(tensorflow: str, *extras: str) -> None:
    """Print a requirement a line; `extras`: those of pyproject.toml."""
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extra = [line for name in extras for line in project["optional-dependencies"][name]]
    for line in [*project["dependencies"], *extra]:
        print(line.replace("tensorflow", tensorflow, 1) if line.startswith("tensorflow>") else line)


if __name__ == "__main__":
    main(*sys.argv[1:])
