"""Checks of model files that may come from a stranger, before anything in them is loaded."""
