"""Keras' own predict. Argument: a run."""

import sys

import keras

from benchmarks.predictions.timing import by_batch
from benchmarks.result import print_result
from mnist_pipeline.config.schema import Data
from mnist_pipeline.data.dataset import load_dataset
from mnist_pipeline.run import store

images = load_dataset(Data()).split("test").images
model = keras.models.load_model(store.find(sys.argv[1]).model)
print_result(seconds=by_batch(lambda batch: model.predict(images, batch_size=batch, verbose=0)))
