# Two targets, each complete on a fresh machine that has Python 3.11 or later:
#   make analyze   install, analyse the sample transcripts, show the tables, say where the records lie
#   make test      install, then format, lint, types and tests
# Another interpreter: make analyze PYTHON=python3.12

PYTHON ?= python3
BIN := .venv/bin
SAMPLES := $(sort $(wildcard pipelines/samples/*.*))
RESULTS := results/samples
NATIVE := nlp_lstm/native

# One computing thread a process: on turns this short a second one only spins.
export OMP_NUM_THREADS := 1

.PHONY: analyze test clean
.DELETE_ON_ERROR:

analyze: .venv/installed
	$(BIN)/nlp-lstm analyze $(SAMPLES) --out $(RESULTS)

test: .venv/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest

# The stamps are as old as the last installation, so a second run installs nothing. Installing
# compiles the kernels.
.venv/installed: pyproject.toml constraints.txt hatch_build.py $(NATIVE)/building.py \
		$(wildcard $(NATIVE)/*.[ch])
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "nlp-lstm needs Python 3.11 or later")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet "$$(grep '^torch==' constraints.txt)"
	$(BIN)/python -m pip install --quiet -c constraints.txt -e .
	touch $@

.venv/installed-dev: .venv/installed
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[dev]'
	touch $@

clean:
	rm -rf .venv results build/lib dist .mypy_cache .ruff_cache .pytest_cache
	rm -f $(NATIVE)/libkernels.*
