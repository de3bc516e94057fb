# Everything is done from here; `make` alone lists the targets.
PYTHON ?= python3
PORT ?= 8000
CLIENTS ?= 12
ROWS ?= 200000
ROUNDS ?= 3
OUTAGE ?= 30
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
export PORT

.PHONY: help setup demo run test coverage test-servers test-engine test-browser pictures proof bench bench-bulk bench-pages bench-events docs check fmt lint types imports migrations deploy lock

help:
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*##/\t/'

# Installing again is needed only when a lock file changes.
.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Promo needs Python 3.11 or newer: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv

.venv/.serving: .ci/requirements.lock | .venv/bin/pip
	$(INSTALL) -r .ci/requirements.lock
	@touch $@

.venv/.installed: .ci/requirements-dev.lock | .venv/bin/pip
	$(INSTALL) -r .ci/requirements-dev.lock
	@touch .venv/.serving $@

setup: .venv/.installed ## create .venv and install what the locks name
	@mkdir -p .static

demo: .venv/.serving ## serve the demo shop, and say how to get in
	@$(BIN)/python manage.py demo

run: .venv/.serving ## serve without the demo shop
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py serve

test: setup ## run the whole suite
	$(BIN)/python -m pytest -n 2 $(PYTEST)

coverage: setup ## run the whole suite and hold the floors of coverage
	$(BIN)/coverage erase
	$(BIN)/python -m pytest -n 2 --cov --cov-report= $(PYTEST)
	$(BIN)/coverage report --fail-under=95
	$(BIN)/coverage report --include='*/engine/*' --fail-under=100

test-servers: setup ## run what races for rows: it depends on the servers
	$(BIN)/python -m pytest -n 2 $(PYTEST) $$(find tests -name 'test_*races*.py') \
	tests/proofs/test_limits.py tests/proofs/test_imports.py tests/proofs/test_generation.py

test-engine: setup ## run the tests of the pure engines
	$(BIN)/python -m pytest tests/campaigns/engine tests/redemptions/engine

test-browser: setup ## run the journeys through the dashboard in a browser
	$(BIN)/python -m pytest tests/browser

pictures: setup ## take the pictures of docs/images anew, in a browser
	PROMO_PICTURES=docs/images PROMO_NEEDS_BROWSER=1 $(BIN)/python -m pytest \
	--ignore=tests/browser/test_barriers.py tests/browser

proof: setup ## prove what holds while clients race and everybody is killed
	PROOF_CLIENTS=$(CLIENTS) PROOF_ROWS=$(ROWS) PROOF_ROUNDS=$(ROUNDS) \
	PROOF_OUTAGE=$(OUTAGE) $(BIN)/python -m pytest -q -n0 tests/proofs

bench: setup ## measure the checkout as ratios to its floors
	@$(BIN)/python -m benchmarks

bench-bulk: setup ## measure long work as ratios to the database alone
	@$(BIN)/python -m benchmarks bulk

bench-pages: setup ## measure every page of the dashboard on a large shop
	@$(BIN)/python -m benchmarks pages

bench-events: setup ## measure telling what happened as ratios to sending alone
	@$(BIN)/python -m benchmarks events

docs: setup ## write the generated pages anew
	$(BIN)/python manage.py list_endpoints > docs/endpoints.md
	$(BIN)/python manage.py list_events > docs/events.md
	$(BIN)/python -m tests.docs.coverage > docs/coverage.md

fmt: setup ## format and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lint: setup ## lint and check the format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup ## check the types
	$(BIN)/mypy

imports: setup ## check the arrows between apps and layers
	$(BIN)/lint-imports

migrations: setup ## check that no migration is missing
	$(BIN)/python manage.py makemigrations --check --dry-run

deploy: setup ## check the settings of an installation behind HTTPS
	SECRET_KEY=$$(head -c 64 /dev/urandom | base64 -w0) ALLOWED_HOSTS=promo.example \
	SECURE_SSL_REDIRECT=1 SECURE_HSTS_SECONDS=31536000 SECURE_COOKIES=1 \
	$(BIN)/python manage.py check --deploy --fail-level WARNING

check: lint types imports migrations deploy ## run every gate

lock: ## resolve the locks anew
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-strip-extras --no-annotate --no-header --python-version 3.11 pyproject.toml -o .ci/requirements.lock
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-strip-extras --no-annotate --no-header --python-version 3.11 pyproject.toml --group dev -o .ci/requirements-dev.lock
