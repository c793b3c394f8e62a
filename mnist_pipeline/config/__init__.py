"""A YAML file -> a valid config, without TensorFlow."""
