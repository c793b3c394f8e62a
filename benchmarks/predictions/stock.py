"""Keras' own predict, in batches of 1,024."""

import sys

import keras

from benchmarks.predictions.timing import seconds
from benchmarks.result import tell
from mnist_pipeline import runs
from mnist_pipeline.config.schema import Data
from mnist_pipeline.data.dataset import load_dataset

images = load_dataset(Data()).split("test").images
model = keras.models.load_model(runs.find(sys.argv[1]).model)
tell(seconds=seconds(lambda: model.predict(images, batch_size=1024, verbose=0)))
