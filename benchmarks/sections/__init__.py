"""The sections of RESULTS.md. Each is a generator of Markdown, and takes a folder for its files."""
