# Everything from a fresh clone; `make help` lists the targets.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/

.DEFAULT_GOAL := help
.PHONY: help setup run test check format lint types layers

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: ## make the virtual environment, install, build the assets
	@$(PYTHON) tools/setup.py

run: setup ## start Trellis with the service app and demo data
	@$(RUN)python tools/run.py

test: setup ## run the whole test suite
	$(RUN)python -m pytest

check: setup ## format check, lint, types, import contracts, tests
	$(RUN)ruff format --check .
	$(RUN)ruff check .
	$(MAKE) types layers
	$(RUN)python -m pytest

format: setup ## format the Python code
	$(RUN)ruff format .
	$(RUN)ruff check --fix .

lint: setup ## check the Python code's style
	$(RUN)ruff check .

types: setup ## check the types
	MYPYPATH=.types $(RUN)mypy -p trellis --namespace-packages --explicit-package-bases

layers: setup ## check the import contracts
	$(RUN)lint-imports
