"""The same 10,000 predictions by different means. Each prints seconds a round as JSON, `stock_cold` its result."""
