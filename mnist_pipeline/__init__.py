"""From a YAML file to a Keras model of handwritten digits that is trained, judged and asked."""

__version__ = "0.1.0"
