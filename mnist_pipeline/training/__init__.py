"""A config and arrays -> a trained model in a run."""
