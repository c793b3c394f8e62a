"""Errors and warnings about a config whose parts are valid on their own."""
