"""The precision to train in, and the clone of the model that trains in it.

`make bench SECTIONS=precision` measures a convolutional network in float32 and in bfloat16.
"""

from mnist_pipeline.config.network import CONVOLUTIONS
from mnist_pipeline.config.schema import Config
from mnist_pipeline.config.shapes.infer import infer_shapes
from mnist_pipeline.environment import multiplies_bfloat16
from mnist_pipeline.framework import keras, tf
from mnist_pipeline.training.automatic import jit_compile, layer_names, uses_fast_engine
from mnist_pipeline.training.batch_normalization import FusedBatchNormalization

# Dense networks with fewer parameters lose more time to conversions than they gain from products in bfloat16.
MIN_DENSE_PARAMS = 500_000


def choose_precision(config: Config) -> str:
    """The precision to train in: `float32` or `mixed_bfloat16`.

    `auto` is mixed_bfloat16 for convolutions, and for large dense networks that XLA does not compile, in the fast
    engine on a processor with bfloat16 instructions; float32 in all other cases, as in stock Keras.
    """
    if config.training.precision != "auto":
        return config.training.precision
    on_processor = not tf.config.get_visible_devices("GPU")
    if not (uses_fast_engine(config) and on_processor and multiplies_bfloat16()) or jit_compile(config):
        return "float32"
    large = sum(row.params for row in infer_shapes(config.model.layers)) > MIN_DENSE_PARAMS
    return "mixed_bfloat16" if large or not layer_names(config).isdisjoint(CONVOLUTIONS) else "float32"


def training_clone(model: keras.Model, precision: str, *, fused: bool) -> keras.Model:
    """A copy of `model`, not compiled, that computes in `precision`.

    It has the same layers, names and weights. Layers before the first one with weights, the last one with weights and
    those after it stay in float32. `fused`: whether batch normalization is replaced with FusedBatchNormalization.
    """
    weighted = [index for index, layer in enumerate(model.layers) if layer.weights]
    inner = {layer.name for layer in model.layers[weighted[0] : weighted[-1]]} if weighted else set()

    def clone(layer: keras.layers.Layer) -> keras.layers.Layer:
        fuse = fused and type(layer) is keras.layers.BatchNormalization
        config = layer.get_config()
        if layer.name in inner:
            config["dtype"] = precision
        return (FusedBatchNormalization if fuse else type(layer)).from_config(config)

    copy = keras.models.clone_model(model, clone_function=clone)
    copy.set_weights(model.get_weights())
    return copy
