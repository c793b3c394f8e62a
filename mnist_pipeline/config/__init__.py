"""A YAML file -> a sound config. No TensorFlow."""
