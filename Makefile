# Every command here needs nothing before it but Python 3.11+ with venv, and make.
# Tools run from .venv by their full path, so no environment has to be activated.

PORT ?= 3000
VENV := .venv
PYTHON := $(VENV)/bin/python
UV := $(VENV)/bin/uv
STAMP := $(VENV)/installed
EMULATOR := sg_assets_tests/warehouse/emulator
ON_BIGQUERY ?= sg_assets_tests/warehouse

# What was compiled is kept, also where somebody's machine says otherwise: each command starts a second earlier.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install up test test-deployment lint types unit test-bigquery bench docs picture lock sbom audit clean

help: ## What can be done here
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(STAMP) ## Prepare .venv: the locked dependencies, checked by their hashes, and this project

# The lock also pins uv: pip installs that one by its hashes, and uv the rest, fast. The project itself is installed last,
# editable, with the locked setuptools; nothing is downloaded without a hash. A stamp makes a second time free.
$(STAMP): requirements.lock pyproject.toml
	python3 -c 'import sys; sys.exit(None if (3, 11) <= sys.version_info < (3, 14) else "needs Python 3.11 to 3.13")'
	test -x $(PYTHON) || python3 -m venv $(VENV)
	awk '/^[^ ]/ { wanted = /^uv==/ } wanted' requirements.lock > $(VENV)/uv.txt
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.txt
	$(UV) pip install --quiet --python $(PYTHON) --require-hashes --compile-bytecode -r requirements.lock
	$(UV) pip install --quiet --python $(PYTHON) --no-deps --no-build-isolation --editable .
	touch $@

up: install ## Bring every table up to date, then serve the Dagster UI on 127.0.0.1:$(PORT) until Ctrl-C
	@$(VENV)/bin/sg-assets up --port $(PORT)

test: install ## Everything that CI checks: lint, types, tests, side by side
	@$(MAKE) --no-print-directory --jobs 3 lint types unit

lint: install ## Style, import directions, spelling, SQL, build files
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/lint-imports
	$(VENV)/bin/codespell
	$(VENV)/bin/sqlfluff lint sg_assets/tables
	$(VENV)/bin/hadolint deploy/Dockerfile
	$(VENV)/bin/check-jsonschema --quiet --builtin-schema vendor.compose-spec deploy/compose.yaml

types: install ## Strict types
	$(VENV)/bin/pyrefly check --threads 1

# What tests write is gone a moment later: in memory, where there is room, and programs may be started from there, it
# costs a fifth less than on a disk.
ROOM := $(shell grep -qs '^[^ ]* /dev/shm [^ ]* .*noexec' /proc/mounts || df --output=avail /dev/shm 2>/dev/null | tail -1 | tr -d ' ')
unit test-deployment test-bigquery: export TMPDIR ?= $(shell test 0$(ROOM) -gt 4000000 && echo /dev/shm || echo /tmp)

unit: install ## The tests alone; some of them mostly wait, so there are more at a time than a small machine has cores
	$(VENV)/bin/pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

test-deployment: install ## The processes of deploy/compose.yaml, started natively (minutes)
	$(VENV)/bin/pytest -m deployment -o faulthandler_timeout=900 sg_assets_tests/test_deployed.py sg_assets_tests/test_deploy_files.py

# Its emulator lives in an environment of its own, made from emulator.lock at first use; it ends with the tests.
test-bigquery: install ## The warehouse's tests on BigQuery's emulator, and its tables beside DuckDB's (needs Python 3.13)
	$(PYTHON) -m sg_assets_tests.warehouse.emulator $(VENV)/bin/pytest $(ON_BIGQUERY)
	$(PYTHON) -m sg_assets_tests.warehouse.emulator $(PYTHON) -m sg_assets_tests.warehouse.compare

bench: install ## The figures that we claim, measured
	set -e; for script in $$(grep -l __main__ benchmarks/*.py); do echo "== $$script"; $(PYTHON) $$script; done

docs: install ## .env.example, docs/permissions.md and docs/licences.md, from the code and the lock
	$(PYTHON) docs/env_example.py
	$(PYTHON) -m docs.permissions
	$(PYTHON) -m docs.licences

picture: install ## docs/lineage.png, from the running UI (needs chromium and a running make up)
	$(PYTHON) docs/picture.py --port $(PORT)

lock: install ## Pin the dependencies of pyproject.toml anew
	$(UV) pip compile --universal --generate-hashes --no-strip-extras --no-emit-index-url --no-header \
		--extra dev --extra production --quiet -o requirements.lock pyproject.toml
	$(UV) pip compile --universal --generate-hashes --no-strip-extras --no-emit-index-url --no-header --no-annotate \
		--extra production --constraint requirements.lock --quiet -o deploy/requirements.lock pyproject.toml
	$(UV) pip compile --universal --generate-hashes --no-strip-extras --no-emit-index-url --no-header \
		--python-version 3.13 --override $(EMULATOR)_override.txt --quiet -o $(EMULATOR).lock $(EMULATOR).in

sbom: install ## build/sbom.cdx.json: what is installed, with versions and licences
	mkdir -p build
	$(VENV)/bin/cyclonedx-py environment --pyproject pyproject.toml --mc-type application --output-reproducible \
		--spec-version 1.6 --output-format JSON --output-file build/sbom.cdx.json $(PYTHON)

# Asks the advisory services of PyPI or OSV, so it needs the internet, and is no part of `make test`. The tool comes for
# this once, beside what is locked, into uv's own cache; it reads the lock, and installs nothing of it.
audit: install ## Known holes in what is locked: asks a service on the internet
	$(UV) tool run --from 'pip-audit==2.10.1' pip-audit --strict --disable-pip --require-hashes \
		--requirement requirements.lock

clean: ## Remove what can be made again; the data in .sg stays
	rm -rf $(VENV) .ruff_cache .pytest_cache .hypothesis .import_linter_cache build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
