"""What `auto` means for `training.engine` and `training.jit_compile`.

It is what measured fastest. `make bench SECTIONS=epochs` measures dense and convolutional networks again. For
`training.precision` see mixed_precision.py.
"""

from mnist_pipeline.config.keras.catalog.layers import LAYER_TRAITS
from mnist_pipeline.config.network import all_layers
from mnist_pipeline.config.schema import Config
from mnist_pipeline.errors import TrainingError
from mnist_pipeline.framework import keras, tf

XLA_LAYERS = LAYER_TRAITS.where(lambda traits: traits.xla)


def uses_fast_engine(config: Config) -> bool:
    """Whether the images stay on the device (see multistep.py).

    `auto`: wherever there is only one device. Raises TrainingError where `fast` is set and several devices are in use.
    """
    devices = tf.distribute.get_strategy().num_replicas_in_sync
    if config.training.engine == "fast" and devices > 1:
        raise TrainingError(
            f"training.engine: fast works on one device, and {devices} are in use. Use auto, which trains with Keras' "
            "own steps on several devices"
        )
    return config.training.engine != "keras" and devices == 1


def jit_compile(config: Config) -> bool | str:
    """Whether XLA compiles the step.

    `auto`: on a processor only for dense networks, on a GPU as Keras decides.
    """
    if config.training.jit_compile != "auto":
        return config.training.jit_compile
    if tf.config.get_visible_devices("GPU"):
        return "auto"
    return layer_names(config) <= XLA_LAYERS and uses_fast_engine(config)


def why_not_compiled(config: Config, model: keras.Model, training_model: keras.Model) -> str | None:
    """Why XLA does not compile `training_model` despite `jit_compile: true`.

    None if it does, or was not set.
    """
    if config.training.jit_compile is not True or training_model.jit_compile:
        return None
    names = sorted({type(layer).__name__ for layer in model.layers if not layer.supports_jit})
    if names:
        return f"XLA cannot compile {', '.join(names)}"
    return "on a GPU only operations that repeat bit for bit are used, and XLA does not have all of them"


def layer_names(config: Config) -> set[str]:
    """The class names of all layers, those inside branches included."""
    return {each.layer.class_name for each in all_layers(config.model.layers)}
