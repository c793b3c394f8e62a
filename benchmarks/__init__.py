"""What makes the figures of RESULTS.md: `make bench`."""
