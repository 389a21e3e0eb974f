# Two commands do everything: `make demo` and `make test`. Both build .venv first; PYTHON= chooses the interpreter.

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PEERS := .crateline-bench/venv
ARGS ?=
# Many tests wait (for a lease to lapse, for Notion to make up its mind): two at a time halve the wait.
TEST_PROCESSES ?= 2

.PHONY: demo test faults check lock bench bench-audio clean bench-matching

demo: $(READY)
	$(BIN)/crateline demo $(ARGS)

test: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/pytest -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder $(ARGS)

faults: $(READY)
	$(BIN)/pytest tests/faults -m "thorough or not thorough" $(ARGS)

bench: $(READY)
	$(BIN)/python bench/line.py
	$(BIN)/python bench/enqueue.py

# Our listening beside librosa, aubio and essentia's own extractors, which live in an environment of their own. LMMS, where
# it is installed, brings real music with a known tempo.
bench-audio: $(READY) $(PEERS)/.ready
	$(BIN)/python bench/audio --peers $(PEERS) $(ARGS)

$(PEERS)/.ready: bench/audio/requirements.txt bench/audio/requirements-aubio.txt | $(READY)
	$(PYTHON) -m venv --clear $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r bench/audio/requirements.txt
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r bench/audio/requirements-aubio.txt \
		|| echo "aubio could not be built here: Debian's python3-aubio is used if it is installed"
	@touch $(PEERS)/.ready

bench-matching: $(READY)
	$(BIN)/python bench/matching/run.py $(ARGS)

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "crateline needs Python 3.11, 3.12 or 3.13 (essentia has no wheels for others yet)." \
		"Install one (macOS: brew install python@3.13), or name it: make PYTHON=/path/to/python3.13"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
		echo "$(PYTHON) is not Python 3.11, 3.12 or 3.13 (essentia has no wheels for others yet)." \
		"Install one (macOS: brew install python@3.13), or name it: make PYTHON=/path/to/python3.13"; exit 2; }
	@test "$$(uname)" != Darwin || command -v redis-server >/dev/null || command -v valkey-server >/dev/null || { \
		echo "crateline needs a Redis server on a Mac: brew install redis"; exit 2; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

lock:
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --no-annotate -o requirements.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
