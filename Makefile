# make run: set up and start the sandbox.   make test: set up and run every test.   make bench: the benchmarks.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help run test check unit bench model lock format system clean

help:
	@sed -n '1p' Makefile

$(STAMP): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit("Yizhan needs Python 3.11 or newer: set PYTHON=...") if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(VENV) || { echo "missing: the venv module; run: apt-get install python3-venv"; exit 1; }
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: $(STAMP)
	$(BIN)/yizhan sandbox

system:
	@sh tools/system.sh

test: $(STAMP) system check unit

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The browser's driver keeps an event loop of its own running, so its tests have a process to themselves.
unit: $(STAMP)
	$(BIN)/pytest -n 3 --dist loadgroup --ignore tests/browser
	$(BIN)/pytest tests/browser

bench: $(STAMP)
	$(BIN)/python -m bench

# The packaged judge, made anew from corpus/; the same messages make the same bytes.
model: $(STAMP)
	$(BIN)/yizhan judge train --out router/judge.model

lock: $(STAMP)
	$(BIN)/pip install --quiet --disable-pip-version-check pip-tools
	$(BIN)/pip-compile --quiet --all-extras --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-find-links \
	  --no-emit-trusted-host --no-header --strip-extras --output-file requirements.lock pyproject.toml

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) build dist *.egg-info
