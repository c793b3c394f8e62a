"""Models that the benchmarks train by the command line, and what their runs record."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.processes import mnist, run
from benchmarks.sections.epochs import CNN


@dataclass(frozen=True)
class Trained:
    """A run folder, and the seconds of the whole process that made it."""

    folder: Path
    seconds: float

    @property
    def accuracy(self) -> float:
        """On the 10,000 test images."""
        return float(self._read("metrics.json")["accuracy"])

    @property
    def training_seconds(self) -> float:
        """From the first step to the saved model."""
        return float(self._read("run.json")["training_seconds"])

    def _read(self, name: str) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.folder / name).read_text())
        return content


def trained(folder: Path, config: str, *settings: str) -> Trained:
    """`mnist train` of `config` into `folder`, with `settings` as `--set` takes them."""
    overrides = [part for setting in settings for part in ("--set", setting)]
    return Trained(folder, run(mnist("train", "--config", config, *overrides, "--run-dir", str(folder))).seconds)


def trained_cnn(folder: Path) -> Path:
    """The run of a two-layer CNN after one epoch, trained once for all sections that use it."""
    place = folder / "cnn"
    if not place.exists():
        trained(place, CNN, "training.epochs=1")
    return place
