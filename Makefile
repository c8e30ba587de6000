# liveroom: `make demo` to try it, `make test` to check it. Everything is installed into .venv and node_modules here.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Most tests wait for clocks and for processes that start: more of them than cores run side by side, file by file.
WORKERS ?= 3

.DEFAULT_GOAL := help
.PHONY: help demo test check unit browser bench bench-crowd faults screenshots words lock clean

help:  ## What can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(VENV)/pip:
	@echo "liveroom: making a virtual environment in $(VENV)"
	@sh scripts/venv.sh "$(PYTHON)" "$(VENV)"
	@touch $@

$(VENV)/runtime: $(VENV)/pip requirements.lock pyproject.toml
	@echo "liveroom: installing what it needs (once, about a minute)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python scripts/link.py
	@touch $@

$(VENV)/native: $(VENV)/pip liveroom/media/native/sealing.c requirements-compiler.lock scripts/native.py
	@$(BIN)/python scripts/native.py
	@touch $@

$(VENV)/paper: $(VENV)/pip requirements-paper.lock scripts/paper.py
	@$(BIN)/python scripts/paper.py
	@touch $@

$(VENV)/dev: $(VENV)/pip requirements-dev.lock pyproject.toml
	@echo "liveroom: installing what the tests need (once, about two minutes)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python scripts/link.py
	@touch $@ $(VENV)/runtime

demo: $(VENV)/runtime $(VENV)/native $(VENV)/paper  ## Try it: a furnished room on http://127.0.0.1:8080 (ARGS="--tls" for phones that broadcast)
	@exec $(BIN)/liveroom demo $(ARGS)

test: check unit browser  ## Everything that CI runs

check: $(VENV)/dev  ## Form, types, floors, words, JavaScript
	@echo "liveroom: checking form, types and floors"
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-cache > .venv/floors.txt || { cat .venv/floors.txt; exit 1; }
	@$(BIN)/python scripts/words.py
	@sh scripts/javascript.sh

unit: $(VENV)/dev $(VENV)/native $(VENV)/paper  ## Tests without a browser
	@echo "liveroom: tests without a browser"
	@$(BIN)/python -m pytest -q -m "not browser and not alone" -n $(WORKERS) --dist loadfile --no-loadscope-reorder --reruns 1
	@echo "liveroom: tests that measure or flood"
	@$(BIN)/python -m pytest -q -m alone tests/benchmarks tests/conformance tests/media tests/operations

browser: $(VENV)/dev $(VENV)/native $(VENV)/paper  ## Tests in Chromium
	@sh scripts/chromium.sh
	@sh scripts/packages.sh
	@echo "liveroom: tests in Chromium"
	@$(BIN)/python -m pytest -q -m browser --reruns 1 tests/stories tests/foreign

screenshots: $(VENV)/dev  ## Pictures of every page into docs/screenshots
	@sh scripts/chromium.sh
	@SCREENSHOTS=docs/screenshots $(BIN)/python -m pytest -q -m browser tests/stories/test_screenshots.py

bench: $(VENV)/dev $(VENV)/native  ## What forwarding costs on this machine
	@$(BIN)/python -m benchmarks.relay $(ARGS)

bench-crowd: $(VENV)/dev  ## What a room with many open sockets costs
	@$(BIN)/python -m benchmarks.crowd $(ARGS)

faults: $(VENV)/dev  ## What servers stand, in its long form (minutes; ARGS="redis kills" chooses)
	@$(BIN)/python -m tests.faults $(ARGS)

words: $(VENV)/dev  ## Words without English; adds empty entries to the catalogue
	@$(BIN)/python scripts/words.py --write

lock: $(VENV)/dev  ## New versions into the lock files
	@sh scripts/lock.sh

clean:  ## Remove everything that was made, but no data
	rm -rf $(VENV) node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis liveroom/media/native/sealing-*.so liveroom/server/*.ttf
