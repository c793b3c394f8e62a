# Targets: install, demo, test, lint, typecheck, format, docs, clean.
VENV ?= .venv
BIN := $(VENV)/bin
PYTHON ?= python3
INSTALLED := $(VENV)/.installed

.PHONY: install demo test lint typecheck format docs clean
.DEFAULT_GOAL := install

install: $(INSTALLED)

$(INSTALLED): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

# Each command is printed before it runs.
demo: install
	$(BIN)/mnist check --config quickstart
	$(BIN)/mnist train --config quickstart
	$(BIN)/mnist evaluate
	$(BIN)/mnist predict

test: install
	$(BIN)/python -m pytest

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

typecheck: install
	$(BIN)/mypy

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# docs/config.md, from the schema.
docs: install
	$(BIN)/python docs/make_config.py > docs/config.md

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
