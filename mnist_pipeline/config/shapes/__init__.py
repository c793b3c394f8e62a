"""Output shapes and parameter counts of a network, without Keras."""
