"""YAML text -> plain data in which each value has its line and column."""
