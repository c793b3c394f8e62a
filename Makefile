# Targets: install, demo, test, engines, torture, fuzz, bench, lint, typecheck, format, docs, clean.
# CONSTRAINTS: the file with the versions to install; none installs the newest that pip finds.
# TENSORFLOW: the package to install for it; tensorflow-cpu takes 590 MB less and uses no GPU.
VENV ?= .venv
CONSTRAINTS ?= constraints.txt
TENSORFLOW ?= tensorflow
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
BENCH := .venv-bench
PYTHON ?= python3
INSTALLED := $(VENV)/.installed

.PHONY: install demo test engines torture fuzz bench lint typecheck format docs clean
.DEFAULT_GOAL := install

install: $(INSTALLED)

VERSIONS := $(filter-out none,$(CONSTRAINTS))
PIP_INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check

$(INSTALLED): pyproject.toml $(VERSIONS)
	$(PYTHON) -m venv $(VENV)
ifeq ($(TENSORFLOW),tensorflow)
	$(PIP_INSTALL) $(VERSIONS:%=--constraint %) --editable '.[dev]'
else
	$(BIN)/python .ci/requirements.py $(TENSORFLOW) dev > $(VENV)/requirements.txt
	$(PIP_INSTALL) $(VERSIONS:%=--constraint %) --requirement $(VENV)/requirements.txt
	$(PIP_INSTALL) --no-deps --editable .
endif
	touch $@

# Each command is printed before it runs.
demo: install
	$(BIN)/mnist check --config quickstart
	$(BIN)/mnist train --config quickstart
	$(BIN)/mnist evaluate
	$(BIN)/mnist predict

# A process a processor; the tests of a file stay together, as they share what is trained. Counting branches takes more
# than half as much processor time again (before Python 3.14), which COVERAGE=none saves. To list what no test reaches:
# coverage report --show-missing
COVERAGE ?= branch
test: install
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile $(if $(filter none,$(COVERAGE)),,--cov --cov-report=)
ifneq ($(COVERAGE),none)
	@echo "Branch coverage: $$($(BIN)/python -m coverage report --format=total) %"
endif

# Both engines with every optimizer, loss and metric: the same weights, the same metrics. Minutes.
engines: install
	$(BIN)/python -m pytest -m "slow or not slow" tests/training/test_engines.py

# A hundred trainings, killed at random moments and resumed, against those that nobody killed.
torture: install
	$(BIN)/python -m tests.torture

# Thousands of damaged configs, data, images, models and runs: a message for each, and no memory. Minutes.
fuzz: install
	$(BIN)/python -m tests.fuzz

# benchmarks/RESULTS.md: everything measured anew, against PyTorch and others in an environment of their own. Give it a
# quiet machine and half an hour. `make bench SECTIONS="epochs memory"` prints those sections alone.
bench: $(BENCH)/.installed
	$(BENCH)/bin/python -m benchmarks $(SECTIONS)

$(BENCH)/.installed: pyproject.toml benchmarks/requirements.txt
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check $(VERSIONS:%=--constraint %) --editable . \
		--requirement benchmarks/requirements.txt
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
	rm -rf $(VENV) $(BENCH) build dist .coverage* .pytest_cache .mypy_cache .ruff_cache .hypothesis
