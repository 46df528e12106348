# Everything from a fresh clone; `make help` lists the targets.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/

.DEFAULT_GOAL := help
.PHONY: help setup run test test-full check format lint types layers

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: ## make the virtual environment, install, build the assets
	@$(PYTHON) tools/setup.py

run: setup ## start Trellis with the service app and demo data
	@$(RUN)python tools/run.py

test: setup ## run the whole test suite, with a sample of the long properties
	$(RUN)python -m pytest

test-full: setup ## run the whole test suite, the long properties in full
	TRELLIS_TEST_FULL=1 $(RUN)python -m pytest

check: setup ## format check, lint, types, import contracts, tests
	$(RUN)ruff format --check .
	@$(MAKE) --no-print-directory lint types layers
	$(RUN)python -m pytest

format: setup ## format the Python code
	$(RUN)ruff format .
	$(RUN)ruff check --fix .

lint: setup ## check the Python code's style
	$(RUN)ruff check .

types: setup ## check the types of the Python code and of the islands
	MYPYPATH=.types $(RUN)mypy -p trellis
	$(RUN)python tools/islands.py

layers: setup ## check the import contracts
	$(RUN)lint-imports --no-logo
