"""This pipeline. Arguments: a config, and what to set in it."""

import sys

from benchmarks.arrays import EPOCHS
from benchmarks.epochs.clock import clock
from benchmarks.result import tell
from mnist_pipeline.config.load import load
from mnist_pipeline.data.dataset import load_dataset
from mnist_pipeline.framework import keras
from mnist_pipeline.training import engine
from mnist_pipeline.training.model import build

config = load(sys.argv[1], (f"training.epochs={EPOCHS}", *sys.argv[2:])).config
dataset = load_dataset(config.data)
keras.utils.set_random_seed(config.seed)
model = build(config, engine.steps_per_epoch(config, dataset.split("train")))
seconds: list[float] = []
engine.fit(engine.plan(model, config, dataset), [clock(keras, seconds)], 0, EPOCHS)
tell(seconds=seconds)
