"""YAML text <-> plain data with the location of each key and value; `--set`."""
