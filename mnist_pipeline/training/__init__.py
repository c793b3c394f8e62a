"""Train a Keras model: a config and arrays -> a model in a run."""
