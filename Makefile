.DEFAULT_GOAL := help
.PHONY: help install run test check format bench screenshots accessibility clean

VENV := .venv
BIN := $(VENV)/bin
# Tests wait more than they reckon, so there is one worker more than cores.
WORKERS := $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/installed  ## build .venv with the junban command in it

run: install  ## serve the demonstration office on http://127.0.0.1:8000
	$(BIN)/junban serve

test: $(VENV)/installed-dev  ## run all tests
	@scripts/install-test-tools
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

check: $(VENV)/installed-dev  ## check format, lint, types, imports and the pages' scripts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@scripts/check-pages

format: $(VENV)/installed-dev  ## write the code as ruff would
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/installed-dev  ## run the benchmarks, six minutes, one JSON object a line (FULL=1: the largest sizes, forty minutes)
	@scripts/install-test-tools
	$(BIN)/python -m ticketing bench $(if $(FULL),--full)

screenshots: $(VENV)/installed-dev  ## take the pages' pictures anew, into docs/screens and var/screens
	@scripts/install-test-tools
	$(BIN)/python scripts/screenshots

accessibility: $(VENV)/installed-dev  ## check all states of all pages with axe-core, into docs/accessibility.md
	@scripts/install-test-tools
	$(BIN)/python scripts/accessibility

clean:  ## remove what the other targets built, but no data
	rm -rf $(VENV) node_modules *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/installed: pyproject.toml
	@rm -rf $(VENV)
	"$$(scripts/find-python)" -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@
