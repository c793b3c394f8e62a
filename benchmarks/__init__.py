"""The measurements of RESULTS.md: `make bench`."""

from mnist_pipeline import process

process.own()  # as `mnist` does, which is what is measured
