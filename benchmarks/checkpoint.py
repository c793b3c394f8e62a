"""How long it takes to write a checkpoint. Arguments: a config, and a folder for its run."""

import sys
import time
from pathlib import Path

from benchmarks.result import tell
from mnist_pipeline import experiment
from mnist_pipeline.config.load import load
from mnist_pipeline.training import engine
from mnist_pipeline.training.checkpoint import SECONDS_BETWEEN_FILES, Checkpoint
from mnist_pipeline.training.model import build, build_callbacks

WRITTEN = 20

loaded = load(sys.argv[1], ("training.epochs=1", "data.train_samples=2560"))
with experiment.start(loaded, Path(sys.argv[2])) as begun:
    config = loaded.config
    steps = engine.steps_per_epoch(config, begun.dataset.split("train"))
    callbacks = build_callbacks(config, steps)
    checkpoint = Checkpoint(begun.run, callbacks, inside_epochs=True)
    engine.fit(engine.plan(build(config, steps), config, begun.dataset), [*callbacks, checkpoint], 0, 1)
    seconds = []
    for _ in range(WRITTEN):
        began = time.perf_counter()
        checkpoint.write()
        seconds.append(time.perf_counter() - began)
    tell(seconds=seconds, bytes=begun.run.checkpoint.stat().st_size, seconds_between=SECONDS_BETWEEN_FILES)
