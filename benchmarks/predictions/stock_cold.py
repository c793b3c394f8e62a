"""The script one would write with Keras, from start to answer. Arguments: a run, then a picture or nothing.

With a picture, its digit; without, the accuracy on the test images.
"""

import sys

import keras
import numpy as np
from PIL import Image

from mnist_pipeline import runs
from mnist_pipeline.config.schema import Data
from mnist_pipeline.data.dataset import load_dataset

model = keras.models.load_model(runs.find(sys.argv[1]).model)
if sys.argv[2:]:
    pixels = np.asarray(Image.open(sys.argv[2]).convert("L").resize((28, 28)))
    print(model.predict(pixels[None], verbose=0).argmax())
else:
    test = load_dataset(Data()).split("test")
    print((model.predict(test.images, batch_size=1024, verbose=0).argmax(1) == test.labels).mean())
