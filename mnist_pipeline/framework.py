"""TensorFlow and Keras, imported once, quietly, with TensorFlow as the backend of Keras.

Only `training` and `inference` import this, inside the commands that need it: it takes seconds.
"""

import os

from mnist_pipeline.errors import TrainingError
from mnist_pipeline.quiet import quiet

wanted = os.environ.setdefault("KERAS_BACKEND", "tensorflow")
if wanted != "tensorflow":
    raise TrainingError(
        f"the variable KERAS_BACKEND says '{wanted}', and this package works with TensorFlow. Unset it, "
        "or set it to tensorflow"
    )
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
with quiet():
    import keras
    import tensorflow as tf

    keras.config.set_image_data_format("channels_last")  # whatever the user's keras.json says
    keras.config.set_floatx("float32")

__all__ = ["keras", "tf"]
