# make install | run | demo | check | test | package | audit | lock
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help install install-dev run demo check test faults bench audit-path package audit lock clean

help: ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/.installed: requirements.lock | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

.venv/.installed-dev: requirements-dev.lock | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@ .venv/.installed

install: .venv/.installed ## make .venv from the committed lock
install-dev: .venv/.installed-dev ## the same, with what the checks and tests need

run: install ## the service; settings as in README
	@exec $(BIN)/python app.py serve

demo: install ## the bot and a local GitHub, no account and no network needed
	@exec $(BIN)/python app.py demo

check: install-dev ## format, lint, types, import contracts, declared dependencies
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy bot app.py
	$(BIN)/lint-imports --no-cache
	$(BIN)/deptry .

test: export PYTHONDONTWRITEBYTECODE = # the processes of the tests share what one has compiled
test: check ## the checks and all tests
	$(BIN)/python -m pytest

faults: install-dev ## every kill -9 and every lost answer at every call: an hour
	COUNTERSIGN_FAULTS=all $(BIN)/python -m pytest -n 0 -s tests/journeys/test_faults.py

bench: install-dev ## the figures of benchmarks/README.md
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.calls
	$(BIN)/python -m benchmarks.record
	$(BIN)/python -m benchmarks.flood
	$(BIN)/python -m benchmarks.scrape
	$(BIN)/python -m benchmarks.grants
	$(BIN)/python -m benchmarks.burst

audit-path: install-dev ## the functions that one /approve enters, up to GitHub's review call
	$(BIN)/python -m benchmarks.audit_path

package: install-dev ## wheel and sdist, in dist/
	$(BIN)/python -m hatchling build

audit: ## known vulnerabilities in the locked dependencies (needs the network)
	@place=$$(mktemp -d) && trap 'rm -rf "$$place"' EXIT && $(PYTHON) -m venv "$$place" && \
	"$$place/bin/python" -m pip install --quiet --disable-pip-version-check pip-audit && \
	"$$place/bin/pip-audit" --strict --disable-pip --require-hashes -r requirements.lock && \
	"$$place/bin/pip-audit" --strict --disable-pip --require-hashes -r requirements-dev.lock

lock: ## renew both lock files from pyproject.toml (needs uv)
	uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-strip-extras --python-version 3.11 pyproject.toml --all-extras -o requirements.lock
	uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-strip-extras --python-version 3.11 pyproject.toml --all-extras --group dev -c requirements.lock -o requirements-dev.lock

clean: ## remove what was made here
	rm -rf .venv dist var .mypy_cache .ruff_cache .pytest_cache
