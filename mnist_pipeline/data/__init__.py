"""A config -> arrays of images and labels. No TensorFlow."""
