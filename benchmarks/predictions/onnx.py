"""ONNX Runtime. Argument: a run."""

import sys
import tempfile
from pathlib import Path

import keras
import numpy as np
import onnxruntime

from benchmarks.predictions.timing import by_batch
from benchmarks.result import print_result
from mnist_pipeline.config.schema import Data
from mnist_pipeline.data.dataset import load_dataset
from mnist_pipeline.native_stderr import capture_native_stderr
from mnist_pipeline.run import store

images = load_dataset(Data()).split("test").images.astype(np.float32)
with tempfile.TemporaryDirectory() as folder, capture_native_stderr():
    file = Path(folder, "model.onnx")
    model = keras.models.load_model(store.find(sys.argv[1]).model)
    model(images[:1])  # Keras exports a model to ONNX only after it was called
    model.export(file, format="onnx", verbose=False)
    session = onnxruntime.InferenceSession(file)
name = session.get_inputs()[0].name


def predict(batch: int) -> None:
    """Probabilities for every image."""
    for first in range(0, len(images), batch):
        session.run(None, {name: images[first : first + batch]})


print_result(seconds=by_batch(predict))
