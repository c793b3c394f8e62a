"""The sections of RESULTS.md. Each is a generator of Markdown, given a folder for what it needs to write."""
