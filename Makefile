# Two commands do all the set-up: `make demo` and `make test`. Each makes what it needs, once.

PYTHON ?= python3
BIN := .venv/bin
RUN ?= runs/demo
# The constraints hold for what builds the package, too.
INSTALL := PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test test-slow lint clean

demo: .venv/installed ## train, write a scene, export, ask the exported model for a scene
	$(BIN)/python -m apps.tv_script train --run_dir=$(RUN)
	$(BIN)/python -m apps.tv_script generate --run_dir=$(RUN) --max_words=120
	$(BIN)/python -m apps.tv_script export --run_dir=$(RUN)
	$(BIN)/python serving/ask.py --export_dir=$(RUN)/export --prompt="Mr_Quill:"

test: .venv/installed-dev lint ## every check but the slow ones
	$(BIN)/python -m pytest -n 2 --dist=loadfile

test-slow: .venv/installed-dev ## the checks that take minutes
	$(BIN)/python -m pytest -m slow

lint: .venv/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright

.venv/installed: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(INSTALL) --editable .
	touch $@

.venv/installed-dev: .venv/installed
	$(INSTALL) --editable ".[dev]"
	touch $@

clean: ## remove the environment, the demo's run and all caches
	rm -rf .venv $(RUN) build dist *.egg-info .pytest_cache .ruff_cache
