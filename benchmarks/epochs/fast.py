"""This pipeline, with all that `mnist train` does between the steps. Arguments: a config, and what to set in it."""

import sys
import tempfile
from pathlib import Path

from benchmarks.arrays import EPOCHS
from benchmarks.epochs.clock import clock
from benchmarks.result import tell
from mnist_pipeline import experiment
from mnist_pipeline.config.load import load
from mnist_pipeline.framework import keras
from mnist_pipeline.training import engine
from mnist_pipeline.training.callbacks import LearningRate, Report, StopOnNaN
from mnist_pipeline.training.checkpoint import Checkpoint
from mnist_pipeline.training.model import build

loaded = load(sys.argv[1], (f"training.epochs={EPOCHS}", *sys.argv[2:]))
with tempfile.TemporaryDirectory() as folder, experiment.start(loaded, Path(folder, "run")) as begun:
    keras.utils.set_random_seed(loaded.config.seed)
    model = build(loaded.config, engine.steps_per_epoch(loaded.config, begun.dataset.split("train")))
    plan = engine.plan(model, loaded.config, begun.dataset)
    seconds: list[float] = []
    validation: list[float] = []
    kept = [StopOnNaN(), LearningRate(), Report(EPOCHS, plan.steps, 0), Checkpoint(begun.run, [], inside_epochs=True)]
    engine.fit(plan, [*kept, clock(keras, seconds, validation)], 0, EPOCHS)
tell(seconds=seconds, validation=validation)
