"""The model that is asked in several sections."""

from pathlib import Path

from benchmarks.processes import mnist, run
from benchmarks.sections.epochs import CNN


def trained_cnn(folder: Path) -> Path:
    """The run of a two-layer CNN after one epoch, trained once."""
    place = folder / "cnn"
    if not place.exists():
        run(mnist("train", "--config", CNN, "--set", "training.epochs=1", "--run-dir", str(place)))
    return place
