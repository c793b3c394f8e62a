# Targets: install, demo, test, engines, torture, fuzz, bench, lint, typecheck, format, docs, clean.
VENV ?= .venv
BIN := $(VENV)/bin
BENCH := .venv-bench
PYTHON ?= python3
INSTALLED := $(VENV)/.installed

.PHONY: install demo test engines torture fuzz bench lint typecheck format docs clean
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

# A process a processor; the tests of a file stay together, as they share what is trained.
test: install
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

# Both engines with every optimizer, loss and metric: the same weights, the same figures. Minutes.
engines: install
	$(BIN)/python -m pytest -m "slow or not slow" tests/training/test_engines.py

# A hundred trainings, killed at random moments and resumed, against those that nobody killed.
torture: install
	$(BIN)/python -m tests.torture

# Thousands of damaged configs, data, pictures, models and runs: a message for each, and no memory. Minutes.
fuzz: install
	$(BIN)/python -m tests.fuzz

# benchmarks/RESULTS.md: everything measured anew, against PyTorch and others in an environment of their own. Give it a
# quiet machine and half an hour. `make bench SECTIONS="epochs memory"` prints those sections alone.
bench: $(BENCH)/.installed
	$(BENCH)/bin/python -m benchmarks $(SECTIONS)

$(BENCH)/.installed: pyproject.toml benchmarks/requirements.txt
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --editable . -r benchmarks/requirements.txt
	touch $@

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
	rm -rf $(VENV) $(BENCH) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
