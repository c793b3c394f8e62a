"""Outputs and labels -> metrics. No TensorFlow."""
