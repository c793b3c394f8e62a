"""This pipeline's prediction: LiteRT."""

import sys

from benchmarks.predictions.timing import seconds
from benchmarks.result import tell
from mnist_pipeline import runs
from mnist_pipeline.config.schema import Data
from mnist_pipeline.data.dataset import load_dataset
from mnist_pipeline.inference.classifier import outputs

run, images = runs.find(sys.argv[1]), load_dataset(Data()).split("test").images
tell(seconds=seconds(lambda: outputs(run, images)))
