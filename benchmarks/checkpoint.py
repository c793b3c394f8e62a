"""How long it takes to write a checkpoint. Arguments: a config, and a folder for its run."""

import sys
import time
from pathlib import Path

from benchmarks.result import print_result
from mnist_pipeline import pipeline
from mnist_pipeline.config.load import load
from mnist_pipeline.training import fit
from mnist_pipeline.training.checkpoint import SECONDS_BETWEEN_FILES, Checkpoint

WRITTEN = 20

loaded = load(sys.argv[1], ("training.epochs=1", "data.train_samples=2560"))
with pipeline.prepare(loaded, Path(sys.argv[2])) as experiment:
    setup = experiment.setup
    checkpoint = Checkpoint(experiment.run, setup.callbacks, setup.state, inside_epochs=True)
    fit.fit(setup.plan, [*setup.callbacks, checkpoint], 0, 1)
    seconds = []
    for _ in range(WRITTEN):
        start = time.perf_counter()
        checkpoint.write()
        seconds.append(time.perf_counter() - start)
    print_result(seconds=seconds, bytes=experiment.run.checkpoint.stat().st_size, seconds_between=SECONDS_BETWEEN_FILES)
