"""The Keras classes that a config may name, each with its signature.

Tested against the installed Keras.
"""

from mnist_pipeline.config.keras.catalog.callbacks import CALLBACKS, Callback
from mnist_pipeline.config.keras.catalog.constraints import CONSTRAINTS
from mnist_pipeline.config.keras.catalog.initializers import INITIALIZERS
from mnist_pipeline.config.keras.catalog.layers import LAYERS, Layer
from mnist_pipeline.config.keras.catalog.losses import LOSSES, Loss
from mnist_pipeline.config.keras.catalog.metrics import METRICS, Metric
from mnist_pipeline.config.keras.catalog.optimizers import OPTIMIZERS, Optimizer
from mnist_pipeline.config.keras.catalog.regularizers import REGULARIZERS
from mnist_pipeline.config.keras.catalog.schedules import SCHEDULES

REGISTRIES = (
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

# Every class that a config may name, and a model file that somebody else made may contain.
KERAS_CLASS_NAMES = frozenset(name for registry in REGISTRIES for name in registry.signatures)

__all__ = ["KERAS_CLASS_NAMES", "REGISTRIES", "Callback", "Layer", "Loss", "Metric", "Optimizer"]
