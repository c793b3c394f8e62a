"""How long it takes to write a checkpoint. Arguments: a config, and a folder for its run."""

import sys
import time
from pathlib import Path

from benchmarks.result import tell
from mnist_pipeline import pipeline
from mnist_pipeline.config.load import load
from mnist_pipeline.training import fit
from mnist_pipeline.training.checkpoint import SECONDS_BETWEEN_FILES, Checkpoint

WRITTEN = 20

loaded = load(sys.argv[1], ("training.epochs=1", "data.train_samples=2560"))
with pipeline.prepare(loaded, Path(sys.argv[2])) as begun:
    made = begun.prepared
    checkpoint = Checkpoint(begun.run, made.callbacks, made.state, inside_epochs=True)
    fit.fit(made.plan, [*made.callbacks, checkpoint], 0, 1)
    seconds = []
    for _ in range(WRITTEN):
        began = time.perf_counter()
        checkpoint.write()
        seconds.append(time.perf_counter() - began)
    tell(seconds=seconds, bytes=begun.run.checkpoint.stat().st_size, seconds_between=SECONDS_BETWEEN_FILES)
