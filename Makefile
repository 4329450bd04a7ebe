# Everything a person or a CI job runs. Only Python 3.11–3.13 and make are needed; the rest is installed here.

# The first interpreter that runs (a version manager's shim may not) and is of a version we support.
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for name in python3 python3.12 python3.13 python3.11 python; do \
	$$name -c '$(FITS)' 2>/dev/null && echo $$name && break; done)
VENV := .venv
BIN := $(VENV)/bin
DATASET ?=
MINUTES ?= 5
RACCOON := $(if $(DATASET),--dataset $(DATASET),)

.PHONY: help run install test test-oracles soak soak-jobs mutations check format bench bench-data bench-raccoon bench-balanced bench-learning-curve bench-active bench-training-cost bench-start bench-idle bench-promise bench-detect bench-label bench-label-errors bench-live bench-live-growth bench-session bench-suggest screenshots clean

help:           ## This list
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | sort

run: $(VENV)/.installed ## Install what is missing, start SSD Studio with its worker and print its address
	@$(BIN)/ssd-studio serve

install: $(VENV)/.installed ## Create .venv and install SSD Studio into it

$(VENV)/bin/python:
	@[ -n "$(PYTHON)" ] || { echo "SSD Studio needs Python 3.11, 3.12 or 3.13. Install one, or name it: make PYTHON=/path/to/python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "python3 -m venv failed. On Debian and Ubuntu: apt-get install python3-venv"; rm -rf $(VENV); exit 1; }

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing SSD Studio into $(VENV) (TensorFlow is large: a minute or two) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing SSD Studio and its development tools into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/.installed

test: $(VENV)/.installed-dev ## Run every test, in a real browser and on SQLite and PostgreSQL too
	@sh tests/find_tools.sh
	@PYTHON=$(BIN)/python sh tests/with_postgres.sh $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal

test-oracles: ## Let globox, supervision and Datumaro read what we write, in an environment of their own
	@[ -x $(VENV)-oracles/bin/python ] || $(PYTHON) -m venv $(VENV)-oracles
	@$(VENV)-oracles/bin/python -m pip install --quiet --disable-pip-version-check -r tests/oracles/requirements.txt
	@$(VENV)-oracles/bin/python -m pytest -c tests/oracles/pytest.ini --rootdir=. tests/oracles

soak: $(VENV)/.installed-dev ## Kill writers for half a minute on each database, and count what was lost
	@SSD_STUDIO_SOAK_SECONDS=30 PYTHON=$(BIN)/python sh tests/with_postgres.sh $(BIN)/python -m pytest tests/data/test_crashes.py -s

soak-jobs: $(VENV)/.installed-dev ## Kill studio, worker, trainer or all at ten moments of a run, on each database (two hours, resumable)
	@PYTHON=$(BIN)/python sh tests/with_postgres.sh $(BIN)/python -m tests.soak.jobs --results soak-jobs.jsonl

mutations: $(VENV)/.installed-dev ## Break each rule of the detector on purpose and see its test fail (half an hour)
	@$(BIN)/python -m tests.mutations

check: $(VENV)/.installed-dev ## Format, lint, types, imports, spelling
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/codespell app data ssd_core tests docs README.md CHANGELOG.md

format: $(VENV)/.installed-dev ## Let ruff put the code in shape
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: bench-start bench-idle bench-promise bench-detect bench-data bench-training-cost $(if $(DATASET),bench-session bench-raccoon bench-balanced bench-learning-curve) ## Every benchmark, two hours: make bench DATASET=path/to/raccoon

bench-start: $(VENV)/.installed-dev ## Time of ssd-studio --help and of the imports behind a server start
	@$(BIN)/python -m tests.benchmarks.start

bench-idle: $(VENV)/.installed-dev ## Start, processor time and memory of a studio that nobody uses
	@$(BIN)/python -m tests.benchmarks.idle

bench-promise: $(VENV)/.installed-dev ## Promised and true time of five short runs of different size (ten minutes)
	@$(BIN)/python -m tests.benchmarks.promise

bench-detect: $(VENV)/.installed-dev ## Time of one detection: LiteRT float32 and int8, TensorFlow, torchvision if present
	@$(BIN)/python -m tests.benchmarks.detection

bench-data: $(VENV)/.installed-dev ## 100,000 images with 1,000,000 boxes: pages, saves, counts, import
	@$(BIN)/python -m tests.benchmarks.dataset

bench-raccoon raccoon: $(VENV)/.installed-dev ## Train on the raccoon photographs, AP on its 40 test images
	@$(BIN)/python -m tests.benchmarks.raccoon $(RACCOON)

bench-balanced: $(VENV)/.installed-dev ## The same with preset Balanced
	@$(BIN)/python -m tests.benchmarks.raccoon $(RACCOON) --preset balanced

bench-learning-curve: $(VENV)/.installed-dev ## AP by number of labelled photographs, three seeds each
	@$(BIN)/python -m tests.benchmarks.learning_curve $(RACCOON)

bench-active: $(VENV)/.installed-dev ## AP by number of labels chosen by the queue, beside random choice (half an hour, resumable)
	@$(BIN)/python -m tests.benchmarks.active_learning $(RACCOON)

bench-label: $(VENV)/.installed-dev ## What a labelling person waits for on 10,000 images, beside Gradio's annotator component
	@[ -d $(VENV)-peer/gradio_image_annotation ] || $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --target $(VENV)-peer gradio_image_annotation==0.5.6
	@$(BIN)/python -m tests.benchmarks.label_latency --peer $(VENV)-peer

bench-label-errors: $(VENV)/.installed-dev ## How many of a tenth of all labels, deleted, Review finds first (resumable)
	@$(BIN)/python -m tests.benchmarks.label_errors

bench-live: $(VENV)/.installed-dev ## The Live screen at camera speed, beside the bare detector and Gradio's streaming (three minutes)
	@$(BIN)/python -m tests.benchmarks.live_speed

bench-live-growth: $(VENV)/.installed-dev ## Whether server, page or disk grow while Live streams: make bench-live-growth MINUTES=60
	@$(BIN)/python -m tests.benchmarks.live_growth --minutes $(MINUTES)

bench-session: $(VENV)/.installed-dev ## Label 20 photographs by script and count the presses: make bench-session DATASET=path/to/raccoon
	@$(BIN)/python -m tests.benchmarks.labelling_session $(RACCOON)

bench-suggest: $(VENV)/.installed-dev ## Presses for each box from suggestions, beside drawing: make bench-suggest DATASET=path/to/raccoon
	@$(BIN)/python -m tests.benchmarks.suggestion_loop $(RACCOON)

screenshots: $(VENV)/.installed-dev ## Take the pictures of every screen and state for docs/images
	@$(BIN)/python -m tests.screenshots

bench-training-cost: $(VENV)/.installed-dev ## Images per second beside a cached batch, and the peak memory
	@$(BIN)/python -m tests.benchmarks.training_cost $(RACCOON)

clean: ## Remove the virtual environment and caches
	rm -rf $(VENV) $(VENV)-oracles $(VENV)-peer .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
