"""`python -m mnist_pipeline` is `mnist`."""

from mnist_pipeline.cli import main

main()
