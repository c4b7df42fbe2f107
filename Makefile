# `make demo`, `make demo-translation`, `make demo-cluster`, `make serve` and `make test` do all the set-up. Each makes what it needs, once.

PYTHON ?= python3
BIN := .venv/bin
RUN ?= runs/demo
TRANSLATION_RUN ?= runs/demo-translation
CLUSTER_RUN ?= runs/demo-cluster
# The constraints hold for what builds the package, too.
INSTALL := PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo demo-translation demo-cluster serve test test-slow test-server-version lint clean

demo: .venv/installed ## train, write a scene, export, ask the exported model for a scene
	$(BIN)/python -m apps.tv_script train --run_dir=$(RUN)
	$(BIN)/python -m apps.tv_script generate --run_dir=$(RUN) --max_words=120
	$(BIN)/python -m apps.tv_script export --run_dir=$(RUN)
	$(BIN)/python -m tfseq.serving call $(RUN)/export --prompt="Mr_Quill:"

demo-translation: .venv/installed ## train, translate, draw what was looked at, export, ask the exported model
	$(BIN)/python -m apps.translation train --run_dir=$(TRANSLATION_RUN)
	$(BIN)/python -m apps.translation evaluate --run_dir=$(TRANSLATION_RUN) --plot_alignments=$(TRANSLATION_RUN)/alignments
	$(BIN)/python -m apps.translation export --run_dir=$(TRANSLATION_RUN)
	$(BIN)/python -m tfseq.serving call $(TRANSLATION_RUN)/export --text="The black cat does not sleep in the garden."

demo-cluster: .venv/installed ## two workers train; one is killed; both go on; the result is that of two left alone
	$(BIN)/python -m benchmarks.killed_worker --run_dir=$(CLUSTER_RUN)

serve: exports/tv_script/1 exports/translation/1 exports/word2vec/1 ## TensorFlow Serving on all exports, and the page before it (docker)
	docker compose --file serving/compose.yaml up

# An export is made of the demo's run; where there is none, it is trained. Newer versions stand beside it.
exports/tv_script/1: | .venv/installed
	test -e $(RUN)/checkpoints/best.npz || $(BIN)/python -m apps.tv_script train --run_dir=$(RUN)
	$(BIN)/python -m apps.tv_script export --run_dir=$(RUN) --export_dir=exports/tv_script

exports/translation/1: | .venv/installed
	test -e $(TRANSLATION_RUN)/checkpoints/best.npz || $(BIN)/python -m apps.translation train --run_dir=$(TRANSLATION_RUN)
	$(BIN)/python -m apps.translation export --run_dir=$(TRANSLATION_RUN) --export_dir=exports/translation

exports/word2vec/1: | .venv/installed
	test -e runs/vectors.txt || $(BIN)/python -m apps.word2vec train --text_file=apps/tv_script/corpus.txt --min_count=2 --vectors=runs/vectors.txt
	$(BIN)/python -m apps.word2vec export --vectors=runs/vectors.txt --export_dir=exports/word2vec

test: .venv/installed-dev lint ## every check but the slow ones
	$(BIN)/python -m pytest -n 2 --dist=loadfile

test-slow: .venv/installed-dev ## the checks that take minutes
	$(BIN)/python -m pytest -m slow

test-server-version: .venv/installed-dev .venv/server/installed ## the exports in the newest server's TensorFlow
	SERVER_PYTHON=.venv/server/bin/python $(BIN)/python -m pytest -m slow tests/serving/test_server_version.py

# An environment of its own: TensorFlow 2.20 and its text operations, nothing of this project.
.venv/server/installed: | .venv/installed-dev
	$(PYTHON) -m venv .venv/server
	.venv/server/bin/python -m pip install --quiet --disable-pip-version-check "tensorflow==2.20.*" "tensorflow-text==2.20.*"
	touch $@

lint: .venv/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright

.venv/installed: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(INSTALL) --editable ".[plot]"
	touch $@

.venv/installed-dev: .venv/installed
	$(INSTALL) --editable ".[dev]"
	touch $@

clean: ## remove the environment, the demo's run and all caches
	rm -rf .venv $(RUN) $(TRANSLATION_RUN) $(CLUSTER_RUN) build dist *.egg-info .pytest_cache .ruff_cache
