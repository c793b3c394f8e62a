"""How many threads a training may be asked for: on the command line, and in Python."""

MOST_THREADS = 1024
