"""Stock Keras, as beginners' guides write it.

Arguments: baseline or two_layer_cnn; `compiled` for an epoch in one execution, compiled by XLA.
"""

import sys

import keras

from benchmarks.arrays import BATCH, EPOCHS, LEARNING_RATE, scaled
from benchmarks.epochs.clock import clock
from benchmarks.result import print_result

layers = keras.layers
NETWORKS = {
    "baseline": lambda: [
        layers.Flatten(),
        layers.Dense(128, activation="relu"),
        layers.Dense(128, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ],
    "two_layer_cnn": lambda: [
        layers.Reshape((28, 28, 1)),
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(64, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(10, activation="softmax"),
    ],
}

(x, y), (x_validation, y_validation) = scaled()
model = keras.Sequential([keras.Input((28, 28)), *NETWORKS[sys.argv[1]]()])
options = {"steps_per_execution": len(x) // BATCH, "jit_compile": True} if "compiled" in sys.argv else {}
optimizer = keras.optimizers.Adam(LEARNING_RATE)
model.compile(optimizer, loss="categorical_crossentropy", metrics=["accuracy"], **options)
seconds: list[float] = []
validation: list[float] = []
model.fit(
    x, keras.utils.to_categorical(y),
    batch_size=BATCH, epochs=EPOCHS, verbose=0, callbacks=[clock(keras, seconds, validation)],
    validation_data=(x_validation, keras.utils.to_categorical(y_validation)),
)  # fmt: skip
print_result(seconds=seconds, validation=validation)
