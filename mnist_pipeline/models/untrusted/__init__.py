"""Checks of models that may come from a stranger, before anything in them is loaded or gets memory."""
