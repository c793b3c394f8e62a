"""A run -> answers and figures."""
