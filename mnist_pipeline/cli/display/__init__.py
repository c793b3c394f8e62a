"""What commands print for people: tables, and a file for each kind of result."""

from mnist_pipeline.cli.display.tables import key_values, percent, show, table, terminal_width

__all__ = ["key_values", "percent", "show", "table", "terminal_width"]
