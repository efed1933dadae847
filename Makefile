# Everything a developer types. `make help` lists it.

.DEFAULT_GOAL := help
.PHONY: help up down status test check format contracts bench lock

# The first Python that is new enough; `make up PYTHON=…` chooses another.
PYTHON ?= $(shell for each in python3 python3.13 python3.12 python3.11; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
BIN := .venv/bin
INSTALLED := .venv/installed

help:  ## List what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Hash-checked and from the lock alone; repeated only when the lock changes.
$(INSTALLED): requirements.lock deploy/local/link.py
	@test -n "$(PYTHON)" || { echo "BMMS needs Python 3.11 or newer: install it, or name it with PYTHON=…" >&2; exit 1; }
	@echo "Installing into .venv (about a minute, once) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-input --require-hashes -r requirements.lock
	@$(BIN)/python deploy/local/link.py
	@touch $@

up: $(INSTALLED)  ## Start everything (DETACH=1: in the background; BMMS_PORT, BMMS_HOME, BMMS_MODE)
	@$(BIN)/bmms up $(if $(filter-out 0,$(DETACH)),--detach)

down:  ## Stop what `make up` started
	@if test -x $(BIN)/bmms; then $(BIN)/bmms down; else echo "nothing is installed, nothing runs"; fi

status: $(INSTALLED)  ## Show what runs
	@$(BIN)/bmms status

# Where npm is at hand, two OpenID clients of others try the provider out; without it they are skipped.
INDEPENDENT := tests/clients/node_modules/.package-lock.json

$(INDEPENDENT): tests/clients/package-lock.json
	@if command -v npm >/dev/null; then (cd tests/clients && npm ci --silent --no-audit --no-fund --ignore-scripts) || true; fi

test: check $(INDEPENDENT)  ## Run every check and every test (no network)
	$(BIN)/python -m pytest -n 2 --dist loadgroup $(PYTEST)

check: $(INSTALLED)  ## Lint, format, types, import contracts, spelling
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/typos

format: $(INSTALLED)  ## Put the code into its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

contracts: $(INSTALLED)  ## Write what we promise (contracts/) anew, on purpose
	$(BIN)/python -m tests.contract.goldens

bench: $(INSTALLED)  ## Measure a stack of its own, at most 15 minutes (docs/bench.md)
	$(BIN)/python -m tests.bench

lock: $(INSTALLED)  ## Choose versions anew: hashes for every platform, nothing younger than a week
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra dev --generate-hashes --universal --python-version 3.11 \
		--exclude-newer "1 week" --no-emit-index-url --no-annotate --no-header --output-file requirements.lock
