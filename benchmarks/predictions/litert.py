"""This pipeline's prediction: LiteRT, in batches of its own choice. Argument: a run."""

import sys

from benchmarks.predictions.timing import seconds
from benchmarks.result import print_result
from mnist_pipeline.config.schema import Data
from mnist_pipeline.data.dataset import load_dataset
from mnist_pipeline.models.litert import BATCH_SIZE
from mnist_pipeline.models.runtime import compute_outputs
from mnist_pipeline.run import store

run, images = store.find(sys.argv[1]), load_dataset(Data()).split("test").images
print_result(seconds={BATCH_SIZE: seconds(lambda: compute_outputs(run, images))})
