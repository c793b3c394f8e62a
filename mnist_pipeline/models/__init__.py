"""A trained model and images -> outputs and predictions.

No TensorFlow where LiteRT can compute them.
"""
