"""Each file of a run is read once by a command that uses it."""

import collections
import io
import shutil
from pathlib import Path
from typing import Any

import pytest

from mnist_pipeline.config import load as config
from mnist_pipeline.data import dataset
from tests.conftest import Mnist

# How often each file is opened. A config is hashed and parsed. LiteRT opens its model itself; it is hashed each time
# before that, which `verify` has done twice, for two sets. `verify` hashes every file besides.
READS = {
    "evaluate": {"run.json": 1, "config.yaml": 2, "model.tflite": 1},
    "predict": {"run.json": 1, "config.yaml": 2, "model.tflite": 1},
    "verify": {
        "run.json": 1, "config.yaml": 3, "model.tflite": 3, "model.keras": 1, "history.csv": 1, "metrics.json": 2,
    },
}  # fmt: skip


@pytest.fixture
def opened(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> collections.Counter[str]:
    """How often Python opens each file of the run `run`, a copy of `trained`."""
    shutil.copytree(trained, tmp_path / "run")
    counts: collections.Counter[str] = collections.Counter()
    open_ = io.open

    def count(file: Any, *arguments: Any, **options: Any) -> Any:
        if Path(str(file)).parent.name == "run":
            counts[Path(str(file)).name] += 1
        return open_(file, *arguments, **options)

    monkeypatch.setattr(io, "open", count)
    return counts


def calls(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> list[Any]:
    """The first argument of each call of a function."""
    arguments: list[Any] = []
    function = getattr(module, name)

    def noting(first: Any, *rest: Any, **options: Any) -> Any:
        arguments.append(first)
        return function(first, *rest, **options)

    monkeypatch.setattr(module, name, noting)
    return arguments


@pytest.mark.parametrize("command", READS)
def test_a_command_reads_each_file_of_a_run_once_and_its_data_once(
    command: str, opened: collections.Counter[str], mnist: Mnist, monkeypatch: pytest.MonkeyPatch
) -> None:
    configs = calls(monkeypatch, config, "read")
    datasets = calls(monkeypatch, dataset, "load")
    assert mnist(command, *([] if command == "verify" else ["--run"]), "run").status == 0
    assert opened == READS[command]
    assert (len(configs), datasets) == (1, ["mnist_sample"])
