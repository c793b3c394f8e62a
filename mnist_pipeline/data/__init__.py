"""A config -> arrays of images, labels and targets. No TensorFlow."""
