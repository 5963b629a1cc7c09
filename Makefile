# The developer guide that runs: `make help` lists it, `make check` is what CI runs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ONCE ?=
SAMPLES ?= ../shared/samples
EVAL ?= ../shared/eval
TREEBANKS ?=
MILLION ?=
INTO ?= screens
LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

.DEFAULT_GOAL := help
.PHONY: help demo test faults catalogues coverage check lint types contracts format bench-feeds bench-text bench-faithful \
  bench-bounces bench-delivery bench-mail bench-signing bench-themes caniemail screens lock clean

help:  ## list these targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# The lock names every distribution, so nothing is resolved here (--no-deps): an older pip would look past the pin of
# a package that another asks for with an extra, and stop at its next release.
$(VENV)/.run: requirements/run.txt pyproject.toml
	@echo "Setting up $(VENV) (once; about a minute) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/run.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@echo "Adding the development tools …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.bench: requirements/bench.txt $(VENV)/.dev
	@echo "Adding the methods that ours are measured against …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/bench.txt
	@touch $@

demo: $(VENV)/.run  ## a sample site, its newsletter and an inbox, on this machine (ONCE=1: run and exit)
	@$(BIN)/digest demo $(if $(ONCE),--once)

test: $(VENV)/.dev  ## every test
	@$(BIN)/python -m pytest -n auto

coverage: $(VENV)/.dev  ## every branch of the pure modules, by the tests of each alone
	@$(BIN)/python -m pytest -n auto tests/unit tests/threats --cov --cov-report=term-missing:skip-covered --cov-fail-under=100

check: $(VENV)/.dev  ## what CI runs: lint, types, import contracts, tests, coverage; says how long each took
	@for part in lint types contracts test coverage; do \
		began=$$(date +%s); \
		$(MAKE) --no-print-directory $$part || exit 1; \
		echo "== $$part: $$(( $$(date +%s) - began )) s"; \
	done

lint: $(VENV)/.dev  ## ruff: rules and format
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(VENV)/.dev  ## mypy, strict
	@$(BIN)/mypy

contracts: $(VENV)/.dev  ## import-linter: imports go one way
	@$(BIN)/lint-imports

format: $(VENV)/.dev  ## rewrite to the house format
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

faults: $(VENV)/.dev  ## write docs/faults.md: what can go wrong, what must happen, which test shows it
	@$(BIN)/python -m tests.fault_table

catalogues: $(VENV)/.dev  ## bring templates/locale/*.po up to the sentences in templates and code
	@$(BIN)/python -m tests.catalogues

bench-feeds: $(VENV)/.dev  ## what becomes of real feeds and their histories (SAMPLES=folder of both)
	@$(BIN)/python -m tests.benchmarks.feeds $(SAMPLES)

bench-text: $(VENV)/.bench  ## summaries, sentences, themes and speed (EVAL=folder of posts; TREEBANKS=folder of UD repositories)
	@$(BIN)/python -m tests.benchmarks.text $(EVAL) $(if $(TREEBANKS),--treebanks $(TREEBANKS))
	@$(BIN)/python -m tests.benchmarks.themes $(EVAL)

bench-faithful: $(VENV)/.dev  ## what the checks on a model's summary stop, and what they cost (EVAL=folder of samples)
	@$(BIN)/python -m tests.benchmarks.faithful $(EVAL)

bench-bounces: $(VENV)/.dev  ## what becomes of real bounces, and how many verdicts are right (SAMPLES=their folder's folder)
	@$(BIN)/python -m tests.benchmarks.bounces $(SAMPLES)

bench-delivery: $(VENV)/.dev  ## mails a second beside smtp-source, plain Python and nodemailer (MILLION=1: a big ledger too)
	@$(BIN)/python -m tests.benchmarks.delivery $(if $(MILLION),--million)

bench-signing: $(VENV)/.dev  ## what a DKIM signature costs for one mail
	@$(BIN)/python -m tests.benchmarks.signing

bench-themes: $(VENV)/.bench  ## how themes are made and named, beside other ways (EVAL=folder of data and scorers)
	@$(BIN)/python -m tests.benchmarks.themes $(EVAL)

bench-mail: $(VENV)/.dev  ## what a mail costs to make: inlining once a segment, filling in once a reader
	@$(BIN)/python -m tests.benchmarks.mail

screens: $(VENV)/.dev  ## pictures of every kind of mail, for eyes, with Chromium (INTO=folder)
	@$(BIN)/python -m tests.screens $(INTO)

caniemail: $(VENV)/.dev  ## renew what the gate knows of mail programs (npm only fetches the package; nothing of it is run)
	@folder=$$(mktemp -d) && npm pack --silent --pack-destination $$folder caniemail@latest >/dev/null && \
		$(BIN)/python -m tests.maintenance.caniemail_data $$folder/*.tgz digest/quality/caniemail.json; rm -r $$folder

lock: $(VENV)/.dev  ## resolve requirements/*.txt anew: versions and hashes, for every platform and Python
	@$(BIN)/python -m pip install --quiet uv
	@printf 'hatchling\neditables\n' | $(BIN)/uv pip compile pyproject.toml - $(LOCK) -o requirements/run.txt
	@printf 'hatchling\neditables\n' | $(BIN)/uv pip compile pyproject.toml - --all-extras --group dev \
		-c requirements/run.txt $(LOCK) -o requirements/dev.txt
	@$(BIN)/uv pip compile pyproject.toml --group bench \
		-c requirements/dev.txt $(LOCK) -o requirements/bench.txt

clean:  ## remove the virtual environment and everything built
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage
