"""The measurements of RESULTS.md: `make bench`."""
