"""How many threads a training may be asked for: on the command line, and in Python."""

MAX_THREADS = 1024
