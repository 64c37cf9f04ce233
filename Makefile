# The two commands: `make run` and `make test`. Nothing needs to be installed but Python and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test check style types layers house fuzz bench mutate lock format

run: $(VENV)/.runtime
	@exec $(BIN)/python -m app

test: $(VENV)/.development
	@exec $(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

# `make -j2 check` runs these beside each other.
check: style types layers house

style: $(VENV)/.development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.development
	$(BIN)/mypy

layers: $(VENV)/.development
	$(BIN)/lint-imports

house: $(VENV)/.development
	$(BIN)/python -m pytest tests/architecture -q

fuzz: $(VENV)/.development
	@exec $(BIN)/python -m pytest tests/faults/test_fuzz.py -s --show-capture=no --fuzz-seconds $(or $(FUZZ_SECONDS),300)

# BENCH=settle,spend names some; BENCH_ARGS="--scale 0.1" passes options (--help lists them).
bench: $(VENV)/.development
	@$(BIN)/python -m benchmarks $(BENCH) $(BENCH_ARGS)

# Changes the engine's meaning in one place at a time: whatever no test notices is listed.
mutate: $(VENV)/.mutation
	$(VENV)/mutation/bin/mutmut run --max-children 2
	$(VENV)/mutation/bin/mutmut results

format: $(VENV)/.development
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

lock: $(VENV)/.development
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -o requirements.txt requirements.in
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -o requirements-dev.txt requirements-dev.in

$(VENV)/.runtime: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.development: $(VENV)/.runtime requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

# An environment of its own: what it stands on gives processes other names, by which ours are known.
$(VENV)/.mutation: $(VENV)/.runtime requirements-mutation.txt
	$(PYTHON) -m venv $(VENV)/mutation
	$(VENV)/mutation/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(VENV)/mutation/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-mutation.txt
	@touch $@
