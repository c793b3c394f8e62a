"""A script as one would write it with Keras. Arguments: a model, then an image or an .npz file.

It prints the digit in the image, or the accuracy on the test images of the file.
"""

import sys

import keras
import numpy as np
from PIL import Image

model = keras.models.load_model(sys.argv[1])
if sys.argv[2].endswith(".npz"):
    with np.load(sys.argv[2]) as arrays:
        images, labels = arrays["x_test"], arrays["y_test"]
    print((model.predict(images, batch_size=1024, verbose=0).argmax(1) == labels).mean())
else:
    pixels = np.asarray(Image.open(sys.argv[2]).convert("L").resize((28, 28)))
    print(model.predict(pixels[None], verbose=0).argmax())
