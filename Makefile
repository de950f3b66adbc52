# make demo: install, run every benchmark, build the site.   make test: install, lint, type-check, test.

VENV ?= .venv
export NO_MKDOCS_2_WARNING := 1
BIN := $(VENV)/bin
# The first Python of a version we support; PYTHON=... overrides.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	&& echo $$p && break; done)
RUN ?= demo
EPISODES ?= 24
CONSTRAINTS := constraints.txt
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint $(CONSTRAINTS)

.PHONY: demo test lint types install clean
.DELETE_ON_ERROR:

demo: $(VENV)/.installed
	$(BIN)/proggen run-all --name $(RUN) --episodes $(EPISODES)
	$(BIN)/proggen publish
	@echo
	@$(BIN)/proggen show $(RUN) --headline
	@echo
	@echo "The site is in site/. Look at it with:  $(BIN)/mkdocs serve   and open http://127.0.0.1:8000/"

test: lint types
	$(BIN)/python -m pytest -n auto --dist worksteal

lint: $(VENV)/.tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.tested
	$(BIN)/mypy

install: $(VENV)/.installed

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "proggen needs Python 3.11, 3.12 or 3.13 with the venv module: install one, or say make PYTHON=/path/to/python"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml $(CONSTRAINTS) | $(BIN)/python
	$(PIP) --editable .
	@touch $@

$(VENV)/.tested: pyproject.toml $(CONSTRAINTS) $(VENV)/.installed
	$(PIP) --editable '.[test]'
	@touch $@

clean:
	rm -rf $(VENV) site docs/results
