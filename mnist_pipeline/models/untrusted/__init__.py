"""Checks of models from strangers, before anything in them is loaded."""
