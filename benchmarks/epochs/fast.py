"""This pipeline, with all that `mnist train` does between the steps. Arguments: a config, and what to set in it."""

import sys
import tempfile
from pathlib import Path

from benchmarks.arrays import EPOCHS
from benchmarks.epochs.clock import clock
from benchmarks.result import print_result
from mnist_pipeline import pipeline
from mnist_pipeline.config.load import load
from mnist_pipeline.framework import keras
from mnist_pipeline.training import fit
from mnist_pipeline.training.callbacks import LearningRateLogger, StopOnNaN
from mnist_pipeline.training.checkpoint import Checkpoint
from mnist_pipeline.training.progress import ProgressReporter

loaded = load(sys.argv[1], (f"training.epochs={EPOCHS}", *sys.argv[2:]))
with tempfile.TemporaryDirectory() as folder, pipeline.prepare(loaded, Path(folder, "run")) as experiment:
    plan = experiment.setup.plan
    seconds: list[float] = []
    validation: list[float] = []
    checkpoint = Checkpoint(experiment.run, [], experiment.setup.state, inside_epochs=True)
    callbacks = [StopOnNaN(), LearningRateLogger(), ProgressReporter(EPOCHS, plan.steps, 0), checkpoint]
    fit.fit(plan, [*callbacks, clock(keras, seconds, validation)], 0, EPOCHS)
print_result(seconds=seconds, validation=validation)
