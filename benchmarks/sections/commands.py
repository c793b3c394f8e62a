"""How long each command takes from start to end, and how much memory."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.processes import in_turn, mnist, module
from benchmarks.sections.models import trained_cnn
from benchmarks.tables import spread, table
from mnist_pipeline.config.schema import Data
from mnist_pipeline.data.dataset import load_dataset

ROUNDS = 5


def section(folder: Path) -> Iterator[str]:
    """A row for each command; for predictions also the Keras script that does the same."""
    cnn = trained_cnn(folder)
    model, image, digits = str(cnn / "model.keras"), str(_image(folder)), str(_digits(folder))
    commands = {
        "`mnist --help`": mnist("--help"),
        "`mnist schema`": mnist("schema"),
        "`mnist check --config complete`": mnist("check", "--config", "complete"),
        "`mnist runs`": mnist("runs"),
        "`mnist data`": mnist("data"),
        "`mnist doctor`": mnist("doctor"),
        "`mnist predict one.png`": mnist("predict", "--run", str(cnn), image),
        "a Keras script for one image": module("predictions.stock_cold", model, image),
        "`mnist evaluate`, 10,000 images": mnist("evaluate", "--run", str(cnn)),
        "a Keras script for 10,000 images": module("predictions.stock_cold", model, digits),
    }
    finished = in_turn(commands, ROUNDS)
    rows = [
        (name, spread([each.seconds for each in runs]), f"{max(each.mebibytes for each in runs):,.0f}")
        for name, runs in finished.items()
    ]
    yield "## Commands\n"
    yield (
        f"Whole processes, {ROUNDS} each, with the two-layer CNN as the model. The Keras scripts import pandas, "
        "scikit-learn, SciPy and matplotlib too, as Keras does where they are installed; here they are.\n"
    )
    yield table(("", "seconds", "peak MiB"), rows)


def _digits(folder: Path) -> Path:
    """The test images of MNIST as a file for NumPy."""
    test = load_dataset(Data()).split("test")
    file = folder / "mnist.npz"
    np.savez(file, x_test=test.images, y_test=test.labels)
    return file


def _image(folder: Path) -> Path:
    """An image of a stroke; the time to read it does not depend on its content."""
    pixels = np.full((280, 280), 255, np.uint8)
    pixels[60:220, 130:150] = 0
    file = folder / "one.png"
    Image.fromarray(pixels).save(file)
    return file
