# Every target sets up what it needs first; that costs nothing when nothing has changed.
# `make help` lists the targets. STACK, PYTHON and WORKERS can be given: make up STACK=prod

STACK ?= dev
PYTHON ?= python3
WORKERS ?= 2

PY := .venv/bin/python
SANDBOX := $(PY) -m sandbox
POLICED := --policy-pack policies
# A value as one word of a shell, whatever quotes are in it.
quoted = '$(subst ','\'',$(1))'

# With these, no Python finds the modules of this folder, or even its own.
unexport PYTHONSAFEPATH PYTHONHOME

.DEFAULT_GOAL := help
.PHONY: help setup up preview refresh down submit test lint format lock sandbox-start sandbox-stop clean

help: ## List the targets
	@printf 'make TARGET [STACK=dev|staging|prod]\n\n'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'

setup: ## Install Python packages, Azurite and the Pulumi engine, each pinned
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
	  echo "error: $(PYTHON) is not on PATH: install Python 3.10 or newer (https://www.python.org/downloads/)" >&2; exit 1; }
	@$(PYTHON) -m bootstrap

up: setup ## Create or update the platform in the local Azure, as the policies allow
	@$(SANDBOX) pulumi up --stack=$(call quoted,$(STACK)) --yes $(POLICED)
	@printf '\nNext:  make preview STACK=$(STACK)    show what a change would do\n'
	@printf '       make down STACK=$(STACK)       take the platform down\n'
	@printf '       docs/deploy-to-azure.md    the same in your Azure subscription\n'

preview: setup ## Show what `make up` would change, and what the policies say
	@$(SANDBOX) pulumi preview --stack=$(call quoted,$(STACK)) --diff $(POLICED)

refresh: setup ## Bring the state up to what is in the local Azure (shows drift)
	@$(SANDBOX) pulumi refresh --stack=$(call quoted,$(STACK)) --yes

down: setup ## Take the platform down
	@$(SANDBOX) pulumi destroy --stack=$(call quoted,$(STACK)) --yes

submit: setup ## Submit a job of the catalogue to the local Azure: make submit JOB=jobs/train.yml
	@$(SANDBOX) run -- env PYTHONPATH=.:ml_assets/provider $(PY) -m azureml_assets.submit --stack=$(call quoted,$(STACK)) $(call quoted,$(JOB))

test: setup ## Run all tests
	@$(PY) -m pytest -n $(WORKERS)

lint: setup ## Check style, types and the Go code
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@if command -v go >/dev/null 2>&1; then \
	  cd sandbox/engine/language_host && test -z "$$(gofmt -l . | tee /dev/stderr)" && go vet . ; \
	else echo "go is not on PATH: the language host's Go code was not checked"; fi

format: setup ## Rewrite the code in the project's style
	@$(PY) -m ruff check --fix-only --quiet .
	@$(PY) -m ruff format --quiet .

lock: setup ## Compile requirements.in to requirements.txt
	@.venv/bin/uv pip compile requirements.in --quiet --generate-hashes --universal --python-version 3.10 \
	  --no-emit-index-url --custom-compile-command 'make lock' --output-file requirements.txt

sandbox-start: setup ## Start the local Azure
	@$(SANDBOX) start

sandbox-stop: setup ## Stop the local Azure; its state stays
	@$(SANDBOX) stop

clean: ## Remove what set-up and the sandbox made in this folder (the engine's cache stays)
	@if test -x $(PY) && test -d .sandbox; then $(SANDBOX) stop; fi
	rm -rf .venv .sandbox .setup.lock sandbox/azurite/node_modules* sandbox/azurite/.install-* .mypy_cache .pytest_cache .ruff_cache .hypothesis
