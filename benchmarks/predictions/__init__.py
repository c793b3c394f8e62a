"""The same 10,000 answers by different means: the seconds of each round as JSON, of `stock_cold` the answer."""
