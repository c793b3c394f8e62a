"""A trained model and images -> its outputs. No TensorFlow where LiteRT can compute them."""
