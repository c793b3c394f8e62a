"""Which Keras objects a config may name, and their arguments: tables of signatures, held against Keras by a test."""

from mnist_pipeline.config.catalog.callbacks import CALLBACKS, Callback
from mnist_pipeline.config.catalog.constraints import CONSTRAINTS
from mnist_pipeline.config.catalog.initializers import INITIALIZERS
from mnist_pipeline.config.catalog.layers import LAYERS, Layer
from mnist_pipeline.config.catalog.losses import LOSSES, Loss
from mnist_pipeline.config.catalog.metrics import METRICS, Metric
from mnist_pipeline.config.catalog.optimizers import OPTIMIZERS, Optimizer
from mnist_pipeline.config.catalog.regularizers import REGULARIZERS
from mnist_pipeline.config.catalog.schedules import SCHEDULES

TABLES = (
    LAYERS,
    OPTIMIZERS,
    SCHEDULES,
    LOSSES,
    METRICS,
    CALLBACKS,
    INITIALIZERS,
    REGULARIZERS,
    CONSTRAINTS,
)

__all__ = ["TABLES", "Callback", "Layer", "Loss", "Metric", "Optimizer"]
