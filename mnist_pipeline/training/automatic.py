"""What `auto` means under `training`: the engine, XLA and the precision that measured fastest.

`make bench SECTIONS="epochs precision"` measures dense and convolutional networks again, the latter in both precisions.
"""

from mnist_pipeline.config.keras.catalog.layers import LAYER_TRAITS
from mnist_pipeline.config.network import CONVOLUTIONS, all_layers
from mnist_pipeline.config.schema import Config
from mnist_pipeline.config.shapes.infer import infer_shapes
from mnist_pipeline.environment import multiplies_bfloat16
from mnist_pipeline.errors import TrainingError
from mnist_pipeline.framework import keras, tf

XLA_LAYERS = LAYER_TRAITS.where(lambda traits: traits.xla)

# Dense networks with fewer weights lose more time to conversions than their products in bfloat16 save.
WEIGHTS_WORTH_BFLOAT16 = 500_000


def uses_fast_engine(config: Config) -> bool:
    """Whether the images stay on the device. `auto`: wherever there is one device, as the fast engine needs.

    Raises TrainingError where it is asked for and several devices are in use.
    """
    devices = tf.distribute.get_strategy().num_replicas_in_sync
    if config.training.engine == "fast" and devices > 1:
        raise TrainingError(
            f"training.engine is fast, which works on one device, and {devices} are in use. Write auto, which takes "
            "Keras' own way on several"
        )
    return config.training.engine != "keras" and devices == 1


def jit_compile(config: Config) -> bool | str:
    """Whether XLA compiles the step. `auto`: on a processor for dense networks only, elsewhere as Keras decides."""
    if config.training.jit_compile != "auto":
        return config.training.jit_compile
    if tf.config.get_visible_devices("GPU"):
        return "auto"
    return _names(config) <= XLA_LAYERS and uses_fast_engine(config)


def why_not_compiled(config: Config, network: keras.Model, compiled: keras.Model) -> str | None:
    """Why XLA does not compile the step of `compiled`, which trains `network`; None if it does, or is not asked to."""
    if config.training.jit_compile is not True or compiled.jit_compile:
        return None
    names = sorted({type(layer).__name__ for layer in network.layers if not layer.supports_jit})
    if names:
        return f"XLA cannot compile {', '.join(names)}"
    return "on a GPU only operations that repeat bit for bit are used, and XLA does not have all of them"


def precision(config: Config) -> str:
    """Keras' name of the precision to train in.

    `auto`: in the fast engine, on a processor that multiplies in bfloat16, mixed_bfloat16 for convolutions and for
    large dense networks that XLA does not compile; float32 for all else, as in stock Keras.
    """
    if config.training.precision != "auto":
        return config.training.precision
    on_processor = not tf.config.get_visible_devices("GPU")
    if not (uses_fast_engine(config) and on_processor and multiplies_bfloat16()) or jit_compile(config):
        return "float32"
    large = sum(row.params for row in infer_shapes(config.model.layers)) > WEIGHTS_WORTH_BFLOAT16
    return "mixed_bfloat16" if large or not _names(config).isdisjoint(CONVOLUTIONS) else "float32"


def _names(config: Config) -> set[str]:
    return {each.layer.class_name for each in all_layers(config.model.layers)}
