"""The limit of `--threads` and of `mp.train(threads=...)`."""

MAX_THREADS = 1024
