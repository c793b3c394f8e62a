"""YAML text -> plain data in which every key and value has its line and column; `--set`; data -> YAML text."""
