# Samjournal. `make help` tells what there is; README.md has the rest.

PORT ?= 8000
HOST ?= 127.0.0.1
DATA ?= data
INHABITANTS ?= 500
T ?=
# The system's own Python where it will do: it is compiled for speed, with a profile, and takes a fifth less time than
# one that pyenv compiles as it usually does.
PYTHON ?= $(or $(shell for python in /usr/bin/python3 python3; do \
  $$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2> /dev/null \
    && echo $$python && break; done),python3)

VENV := .venv
BIN := $(VENV)/bin
LOCKS := requirements/uv.txt requirements/run.txt
SCRIPTS := $(wildcard assets/*.py)
# Three lanes of tests, each about a third of the time (docs/how-to/test.md): those that look at pages, those that start
# and kill programs, and the others. The first two wait a good part of theirs, so three fill two processors.
LOOKING := $(addprefix tests/,acceptance exchange smart)
RUNNING := $(addprefix tests/,access db fuzz portal scim server signin)

SHELL := /bin/sh
# Programs that are started a hundred times need not be compiled a hundred times.
unexport PYTHONDONTWRITEBYTECODE

# Networks that inspect traffic have certificates of their own, which only the system knows.
export UV_SYSTEM_CERTS ?= 1
# Accounts without a home of their own can use it too.
ifeq ($(shell test -w "$$HOME" && echo yes),)
export UV_CACHE_DIR ?= $(CURDIR)/$(VENV)/uv-cache
export PIP_NO_CACHE_DIR ?= 1
endif

MAKEFLAGS += --no-print-directory --no-builtin-rules
.DELETE_ON_ERROR:
.PHONY: help run test check lock bench prove surface effort clean distclean python

help:
	@echo 'make run     install, start, and make a demo region of synthetic people (PORT=$(PORT) DATA=$(DATA) INHABITANTS=$(INHABITANTS))'
	@echo 'make test    install, check, and run every test (T=tests/patients runs only those)'
	@echo 'make check   style, types and the import contracts'
	@echo 'make bench   measure create, read, search, load and the chart page'
	@echo 'make prove   what takes longer: see docs/reference/proof.md'
	@echo 'make surface  write what the API is to its changelog, after a change of it'
	@echo 'make effort  count what frequent tasks cost a person, and write it to docs/reference/effort.md'
	@echo 'make lock    renew requirements/*.txt and assets/package-lock.json'
	@echo 'make clean   remove what was built (not the data folder)'

run: $(VENV)/ready-run $(VENV)/built
	@exec $(BIN)/samjournal serve --data-dir '$(DATA)' --host '$(HOST)' --port '$(PORT)' --demo '$(INHABITANTS)' \
	  --log '$(DATA)/samjournal.log'

test: $(VENV)/ready-test $(VENV)/built
ifeq ($(strip $(T)),)
	@$(MAKE) check
endif
	@$(BIN)/python assets/chromium.py
	@$(BIN)/python assets/broker.py
	@$(BIN)/python assets/peers.py
ifeq ($(strip $(T)),)
	@$(BIN)/pytest $(LOOKING) > $(VENV)/looking.log 2>&1 & looking=$$!; \
	  $(BIN)/pytest $(RUNNING) > $(VENV)/running.log 2>&1 & running=$$!; \
	  $(BIN)/pytest tests $(addprefix --ignore=,$(LOOKING) $(RUNNING)); failed=$$?; \
	  wait $$looking || failed=1; cat $(VENV)/looking.log; \
	  wait $$running || failed=1; cat $(VENV)/running.log; test $$failed -eq 0
else
	@$(BIN)/pytest $(T)
endif

check: $(VENV)/ready-test
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

bench: $(VENV)/ready-run $(VENV)/built
	@$(BIN)/python -m bench

prove: $(VENV)/ready-test $(VENV)/built
	@$(BIN)/pytest -m drill
	@$(BIN)/python -m bench.growth --into docs/reference/performance.md
	@$(BIN)/python -m bench.effort --into docs/reference/effort.md
	@$(BIN)/python -m bench.lighthouse --into docs/reference/performance.md
	@$(BIN)/python -m bench.weaknesses --into docs/reference/proof.md

surface: $(VENV)/ready-test $(VENV)/built
	@$(BIN)/python -m bench.surface

effort: $(VENV)/ready-test $(VENV)/built
	@EFFORT=write $(BIN)/pytest tests/acceptance/test_effort.py

lock: $(VENV)/ready-test
	@for name in uv run test; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-header --no-annotate --upgrade requirements/$$name.in -o requirements/$$name.txt || exit 1; \
	done
	@$(BIN)/python assets/build.py --lock

clean:
	rm -rf $(VENV) assets/node_modules bench/node/node_modules tests/provider/node_modules tests/smart/clients/node_modules src/samjournal/ui/vendor src/samjournal/fhir/definitions.bin tests/vendor
	rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find src tests bench assets -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# The environment. uv installs what the locks name, by hash; uv itself comes by pip. What `make test` installs
# contains what `make run` needs, so after it both are ready.

$(VENV)/ready-run: $(LOCKS) pyproject.toml | $(VENV)/uv
	@echo 'Installing what requirements/run.txt names ...'
	@$(BIN)/uv pip sync --quiet --require-hashes --python $(BIN)/python $(LOCKS)
	@$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --offline --python $(BIN)/python --editable .
	@rm -f $(VENV)/ready-test
	@touch $@

$(VENV)/ready-test: requirements/test.txt $(LOCKS) pyproject.toml | $(VENV)/uv
	@echo 'Installing what requirements/test.txt names ...'
	@$(BIN)/uv pip sync --quiet --require-hashes --python $(BIN)/python requirements/test.txt
	@$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --offline --python $(BIN)/python --editable .
	@touch $(VENV)/ready-run $@

$(VENV)/uv: | python
	@echo 'Making the Python environment $(VENV) ...'
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

python:
	@command -v $(PYTHON) >/dev/null || \
	  { echo 'Python 3.11 or newer is missing. Install it: sudo apt install python3 python3-venv python3-pip'; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; `$(PYTHON) --version` was found. Name another: make run PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "Python's venv is missing. Install it: sudo apt install python3-venv python3-pip"; exit 1; }

$(VENV)/built: assets/package.json assets/package-lock.json $(SCRIPTS) | $(VENV)/ready-run
	@$(BIN)/python assets/build.py
	@touch $@
