"""The seconds of each operation in an epoch. Arguments: a config, and what to set in it."""

import math
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from benchmarks.epochs.clock import clock
from benchmarks.result import print_result
from mnist_pipeline.config.load import load
from mnist_pipeline.data.dataset import load_dataset
from mnist_pipeline.framework import keras, tf
from mnist_pipeline.training import fit
from mnist_pipeline.training.build import build

EPOCHS = 4
EVERY_OPERATION = 3  # the level at which TensorFlow's tracer records them


def traced(plan: fit.FitPlan, epoch: int) -> dict[str, float]:
    """Seconds by operation, `place in the model:kind`, summed over `epoch`."""
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    options = tf.profiler.experimental.ProfilerOptions(host_tracer_level=EVERY_OPERATION, python_tracer_level=0)
    space = xplane_pb2.XSpace()
    with tempfile.TemporaryDirectory() as folder:
        with tf.profiler.experimental.Profile(folder, options):
            fit.fit(plan, [], epoch, epoch + 1)
        space.ParseFromString(next(Path(folder).rglob("*.xplane.pb")).read_bytes())
    seconds: dict[str, float] = defaultdict(float)
    for plane in space.planes:
        for event in (event for line in plane.lines for event in line.events):
            name = plane.event_metadata[event.metadata_id].name
            if ":" in name and "::" not in name and ": " not in name:  # else a function of TensorFlow's own
                seconds[name] += event.duration_ps / 1e12
    return seconds


def products(model: keras.Model) -> list[int]:
    """The multiplications of each convolution for one image, forward."""
    convolutions = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    return [math.prod(layer.kernel.shape) * math.prod(layer.output.shape[1:3]) for layer in convolutions]


tf.config.threading.set_inter_op_parallelism_threads(1)  # else operations overlap, and their seconds mean little
config = load(sys.argv[1], (f"training.epochs={EPOCHS}", *sys.argv[2:])).config
dataset = load_dataset(config.data)
keras.utils.set_random_seed(config.seed)
plan = fit.make_plan(build(config, fit.steps_per_epoch(config, dataset.split("train"))), config, dataset)
seconds: list[float] = []
fit.fit(plan, [clock(keras, seconds, [])], 0, EPOCHS - 1)
print_result(seconds=seconds, operations=traced(plan, EPOCHS - 1), products=products(plan.model))
