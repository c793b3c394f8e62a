"""The same 10,000 answers by different means. Each module prints the seconds of each round as JSON."""
