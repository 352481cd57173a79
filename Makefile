# Needs Python 3.11 or newer, pip and make. Everything else goes into .venv.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq install --no-compile
# A process for each core, up to eight: more would only load the numerics more often.
PARALLEL := --numprocesses=auto --maxprocesses=8
# Tests start the command hundreds of times; where the environment forbids byte-code caches, a third
# of that time would be compiling.
export PYTHONDONTWRITEBYTECODE :=
# As the command does for itself: threads of BLAS in every test process would wait for each other's
# cores, up to 60 times as long as they compute.
export OPENBLAS_NUM_THREADS := 1
QUESTION := 7B+PRM or 34B greedy at 1M queries/day
PAGE := report.html

# The first Python new enough; `make PYTHON=/some/python3 demo` takes another.
NEW_ENOUGH := -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$p" $(NEW_ENOUGH) && { echo "$$p"; break; }; done)

.PHONY: help demo test lint docs wheel versions spark bench verify audit lock

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.installed ## Answer the example question and write report.html
	$(BIN)/planner ask "$(QUESTION)" --report $(PAGE)
	@echo "Open $(CURDIR)/$(PAGE) in a browser."

# Spark is fetched while the linters run and the wheel is tried. Its tests run apart from the
# others, which would leave it short of memory on a small machine.
test: $(VENV)/.installed-dev ## Everything that must hold before a change is merged
	@$(MAKE) --no-print-directory --jobs=2 lint wheel $(VENV)/.installed-spark
	@$(MAKE) --no-print-directory --jobs=2 docs spark
	@command -v chromium >/dev/null || .ci/chromium
	$(BIN)/python -m pytest $(PARALLEL)

wheel: $(VENV)/.installed-dev ## Build the wheel and use it as a stranger would
	.ci/wheel $(BIN)/python

lint: $(VENV)/.installed-dev ## Style, types and the order of the floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Those of the PATH and of pyenv, the newest of each minor version.
PYTHONS = $(shell for p in $$HOME/.pyenv/versions/*/bin/python3 python3.11 python3.12 python3.13 python3.14; do \
	p=$$(command -v "$$p") && "$$p" $(NEW_ENOUGH) && "$$p" -c \
	'import sys; print("%03d.%03d" % sys.version_info[:2], sys.executable)'; done | \
	sort -k1,1 -u | cut -d' ' -f2)

versions: $(VENV)/.installed-dev ## Use the wheel with every supported Python that the machine has
	.ci/wheel $(BIN)/python $(PYTHONS)

docs: $(VENV)/.installed-docs ## Build the documentation site, strictly, into build/site
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet

# Spark is 450 MB that no other target needs.
spark: $(VENV)/.installed-spark ## Count logs on Apache Spark
	@command -v java >/dev/null || .ci/java
	$(BIN)/python -m pytest -m "spark and not verify"

bench: $(VENV)/.installed-dev ## Measure speeds; run it on a quiet machine
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/estimators.py
	$(BIN)/python benchmarks/logs.py --largest 1e8
	$(BIN)/python benchmarks/curves.py
	$(BIN)/python benchmarks/holdout.py
	$(BIN)/python benchmarks/adaptive.py
	$(BIN)/python benchmarks/h200.py
	$(BIN)/python benchmarks/allocate.py
	$(BIN)/python benchmarks/sliders.py
	$(BIN)/python benchmarks/routellm.py

samples: $(VENV)/.installed-dev ## Write the example pages of reports/samples anew
	$(BIN)/python tests/report/samples.py

verify: $(VENV)/.installed-spark ## The long proofs
	@$(MAKE) --no-print-directory versions
	$(BIN)/python -m pytest $(PARALLEL) --dist=worksteal -m verify --hypothesis-profile=thorough

audit: requirements-audit.lock | $(BIN)/python ## Look for known weaknesses of all that is locked
	.ci/audit "$(BIN)/python"

# `make lock UPGRADE=--upgrade` takes newer versions; without it the locked ones stay.
RESOLVE = $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --quiet $(UPGRADE)
COMPILE = $(RESOLVE) pyproject.toml

lock: $(VENV)/.installed-dev ## Resolve the dependencies anew into the lock files
	$(PIP) "uv>=0.9"
	$(COMPILE) --group build --output-file requirements.lock
	$(COMPILE) --group dev --constraint requirements.lock --output-file requirements-dev.lock
	$(RESOLVE) --group docs --constraint requirements-dev.lock --output-file requirements-docs.lock
	$(RESOLVE) --group audit --constraint requirements-dev.lock --output-file requirements-audit.lock
	$(COMPILE) --extra prices --constraint requirements-dev.lock --output-file requirements-prices.lock
	$(COMPILE) --extra spark --constraint requirements-dev.lock --output-file requirements-spark.lock

$(BIN)/python:
	@"$(PYTHON)" $(NEW_ENOUGH) || { \
		echo "The planner needs Python 3.11 or newer; none was found on the PATH, or PYTHON is older."; \
		echo "Install one, or name it: make PYTHON=/path/to/python3 $(MAKECMDGOALS)"; exit 1; }
	@"$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); \
		echo "Making $(VENV) failed. On Debian and Ubuntu: apt install python3-venv"; exit 1; }

# The project itself goes in last, without its dependencies and with the locked build backend:
# it has no hash, and pip refuses to mix. What every command imports is compiled on all cores, where
# pip takes one; of the tools of development the few modules that are used are, when they are.
$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing into $(VENV) (once) ..."
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-build-isolation --no-deps --editable .
	@$(BIN)/python -m compileall -qq -j 0 $(VENV)/lib || echo "Some of $(VENV) is compiled when used."
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@echo "Installing the development tools into $(VENV) (once) ..."
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)/.installed-docs: requirements-docs.lock $(VENV)/.installed-dev
	@echo "Installing what builds the documentation into $(VENV) (once) ..."
	@$(PIP) --require-hashes -r requirements-docs.lock
	@touch $@

$(VENV)/.installed-spark: requirements-spark.lock $(VENV)/.installed-dev
	@echo "Installing Apache Spark into $(VENV) (once) ..."
	@$(PIP) --require-hashes --no-deps -r requirements-spark.lock
	@touch $@
