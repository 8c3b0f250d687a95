# Two commands on a fresh machine that has python3 (>= 3.11, with venv), make and git:
# `make scan` and `make test`. `make` alone shows the list.
# No activated venv, no HOME and no global tool is needed: everything lives in .venv.

PYTHON ?= python3
REPO   ?= fixtures/demo
export REPO

VENV := .venv
BIN  := $(VENV)/bin
PIP  := $(BIN)/python -m pip --disable-pip-version-check --quiet

# Stamps: pyproject.toml is newer -> install again. `dev` contains `runtime`.
RUNTIME := $(VENV)/.runtime-installed
DEV     := $(VENV)/.dev-installed
BENCH   := $(VENV)/.bench-installed

# What a release is built with, and checked with: nothing but what requirements/ names, with its hashes.
BUILD   := $(VENV)/build
RELEASE := $(VENV)/release

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Two targets may want the same venv; pip must not run in it twice at once.
.NOTPARALLEL:
.PHONY: help scan test test-all check docs bench golden knowledge lock build check-build clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# snowfence's 0 (clean) and 1 (findings) both mean that the scan ran; 2 and 3 mean that it did not.
scan: $(RUNTIME) ## scan a repository: make scan REPO=path (default: fixtures/demo)
	@code=0; $(BIN)/snowfence scan -- "$$REPO" || code=$$?; \
	if [ $$code -gt 1 ]; then exit $$code; fi; \
	printf '\nThis was a scan of %s. Scan your own repository: make scan REPO=path\n' "$$REPO"

test: $(DEV) ## every test that needs no network once installed
	$(BIN)/python -m pytest -n auto --dist worksteal

test-all: $(DEV) ## also the tests that need a package registry or Debian packages
	$(BIN)/python -m pytest -n auto --dist worksteal -m ''

check: $(DEV) ## format, lint, types, import contracts, docs up to date
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check

docs: $(DEV) ## write the generated part of docs/
	$(BIN)/python docs/generate.py

bench: $(BENCH) ## snowfence and zizmor side by side, as whole processes
	$(BIN)/python -m bench.run

golden: $(DEV) ## rewrite the outputs expected of fixtures/
	$(BIN)/python -m tests.golden

# What a source remembers of its answers is for the user's own tables.
knowledge: $(RUNTIME) ## fetch newer tables into the package, before a release
	@code=0; $(BIN)/snowfence knowledge update --to scanner/knowledge/data || code=$$?; \
	rm -f scanner/knowledge/data/sources.json scanner/knowledge/data/.lock; exit $$code

# Nothing younger than a week, in which a hijacked release is usually found out; a repair cannot wait: make lock UV_EXCLUDE_NEWER=…
UV_EXCLUDE_NEWER ?= 7 days
export UV_EXCLUDE_NEWER
UV := $(RELEASE)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade --custom-compile-command 'make lock'
lock: $(RELEASE)/.installed ## newer versions into requirements/: what the action and a release run
	$(UV) pyproject.toml --output-file requirements/runtime.txt
	$(UV) --group build --constraints requirements/runtime.txt --output-file requirements/build.txt
	$(UV) --group release --output-file requirements/release.txt

build: $(BUILD)/.installed ## sdist and wheel in dist/, by the tools of requirements/build.txt alone
	rm -rf dist
	$(BUILD)/bin/python -m build --no-isolation

check-build: $(RELEASE)/.installed ## whether PyPI would take what is in dist/
	$(RELEASE)/bin/python -m twine check --strict dist/*

clean: ## back to a fresh clone: .venv, caches and builds go
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The link is dangling, thus missing, after an upgrade of the system's Python: `--clear` starts anew.
# A half-made venv (Debian without python3-venv) must not pass for a whole one.
$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { \
	  echo 'snowfence needs Python 3.11 or newer, and there is no $(PYTHON) here; try: make PYTHON=/path/to/python3 ...' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "snowfence needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1); try: make PYTHON=python3.12 ..." >&2; exit 1; }
	@echo 'making $(VENV) ...'
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }

$(RUNTIME): pyproject.toml $(BIN)/python
	@echo 'installing snowfence into $(VENV) ...'
	@$(PIP) install --editable .
	@touch $@

$(DEV): pyproject.toml $(BIN)/python
	@echo 'installing snowfence and its development tools into $(VENV) ...'
	@$(PIP) install --editable '.[dev]'
	@touch $(RUNTIME) $@

$(BENCH): $(DEV)
	@echo 'installing what draws the picture of the bench into $(VENV) ...'
	@$(PIP) install --editable '.[dev,bench]'
	@touch $@

# Each is named as its file in requirements/.
$(BUILD)/.installed $(RELEASE)/.installed: $(VENV)/%/.installed: requirements/%.txt $(BIN)/python
	@echo 'installing what requirements/$*.txt names into $(VENV)/$* ...'
	@$(BIN)/python -m venv --clear $(VENV)/$*
	@$(VENV)/$*/bin/python -m pip --disable-pip-version-check --quiet install --only-binary=:all: --require-hashes --requirement $<
	@touch $@
