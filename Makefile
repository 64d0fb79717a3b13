# Every target sets up what it needs first; that costs nothing when nothing has changed.
# `make help` lists the targets. STACK, PYTHON and WORKERS can be given: make up STACK=prod
# With AZURE=1, the targets of reviews and deployments work on Azure, signed in as the shell is; else on the sandbox.

STACK ?= dev
PYTHON ?= python3
WORKERS ?= 2
AZURE ?=

PY := .venv/bin/python
SANDBOX := $(PY) -m sandbox
POLICED := --policy-pack policies
FORGE := $(PY) -m review.forge
# A value as one word of a shell, whatever quotes are in it.
quoted = '$(subst ','\'',$(1))'

# `value`: a name that comes from a branch is text, not another expression of make.
S = $(call quoted,$(value STACK))
# On Azure it is the same engine, without the sandbox's environment.
ENGINE = $(if $(AZURE),PATH="$$($(PY) -m sandbox.engine.locate):$$PATH" pulumi,$(SANDBOX) pulumi)
EVENTS := PULUMI_ENABLE_STREAMING_JSON_PREVIEW=1
R = .sandbox/reviews/$(S)
# What is checked out: the commit, and the content as a tree of git, with changes that are not committed.
TREE = $$(saved=$$(git stash create) && git rev-parse "$${saved:-HEAD}^{tree}")
COMMIT = --commit "$$(git describe --always --abbrev=40 --exclude='*' --dirty)" --tree "$(TREE)"
# What the policies are compared with. In a run of a pull request its merge is checked out: the first parent is the base.
BASE ?= $(if $(GITHUB_BASE_REF)$(SYSTEM_PULLREQUEST_TARGETBRANCH),HEAD^1)
# The deployed state, and the history that numbers it. `config` makes a stack that the sandbox does not have yet.
define deployed
@mkdir -p $(R)
@$(ENGINE) config --stack=$(S) --json >/dev/null
@$(ENGINE) stack export --stack=$(S) >$(R)/$(1).json
@$(ENGINE) stack history --stack=$(S) --json --page-size=100000 >$(R)/$(1)-history.json
endef

# The file of an ephemeral stack, which names no other one; on Azure the stack too, which the sandbox makes itself.
define ephemeral
@$(PY) -m ephemeral settings $(S)
@mkdir -p $(R)
$(if $(AZURE),@$(ENGINE) stack select $(S) --create --non-interactive \
  --secrets-provider "$${PULUMI_SECRETS_PROVIDER:?is not set: azurekeyvault://VAULT.vault.azure.net/keys/KEY}")
endef

# With these, no Python finds the modules of this folder, or even its own.
unexport PYTHONSAFEPATH PYTHONHOME

.DEFAULT_GOAL := help
.PHONY: help setup up preview refresh down submit test lint format lock sandbox-start sandbox-stop clean
.PHONY: review review-gate review-previous review-approved tree pr-comment verify apply smoke drift drift-issue
.PHONY: ephemeral ephemeral-comment destroy-ephemeral destroy-left-over

help: ## List the targets
	@printf 'make TARGET [STACK=dev|staging|prod]\n\n'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-17s %s\n", $$1, $$2}'

setup: ## Install Python packages, Azurite and the Pulumi engine, each pinned
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
	  echo "error: $(PYTHON) is not on PATH: install Python 3.10 or newer (https://www.python.org/downloads/)" >&2; exit 1; }
	@$(PYTHON) -m bootstrap

up: setup ## Create or update the platform in the local Azure, as the policies allow
	@$(SANDBOX) pulumi up --stack=$(S) --yes $(POLICED)
	@printf '\nNext:  make preview STACK=$(STACK)    show what a change would do\n'
	@printf '       make down STACK=$(STACK)       take the platform down\n'
	@printf '       docs/deploy-to-azure.md    the same in your Azure subscription\n'

preview: setup ## Show what `make up` would change, and what the policies say
	@$(SANDBOX) pulumi preview --stack=$(S) --diff $(POLICED)

refresh: setup ## Bring the state up to what is in the local Azure (shows drift)
	@$(SANDBOX) pulumi refresh --stack=$(S) --yes

down: setup ## Take the platform down
	@$(SANDBOX) pulumi destroy --stack=$(S) --yes

# The state is read before the preview: whatever comes between is then another state than the reviewed one.
review: setup ## Say what `make up` would change, what of it is a risk, and what to look at
	$(call deployed,state)
	@rm -rf $(R)/events.jsonl $(R)/plan.json $(R)/review.* $(R)/base
	@$(if $(BASE),mkdir $(R)/base && git archive "$$(git merge-base HEAD $(call quoted,$(BASE)))" policies | tar -x -C $(R)/base)
	@$(EVENTS) $(ENGINE) preview --stack=$(S) --json --non-interactive $(POLICED) --save-plan=$(R)/plan.json \
	  >$(R)/events.jsonl || true # a review says so of a preview that failed
	@$(PY) -m review $(R)/events.jsonl $(COMMIT) --state $(R)/state.json --history $(R)/state-history.json \
	  --plan $(R)/plan.json $(if $(BASE),--policies $(R)/base/policies policies) \
	  --previous $(R)/previous/review.json --json $(R)/review.json --markdown $(R)/review.md --html $(R)/review.html
	@cat $(R)/review.md

review-gate: setup ## Fail if the last review says stop
	@$(PY) -m review $(R)/events.jsonl --fail-on stop --markdown /dev/null

review-previous: setup ## Fetch the review of the last push: make review-previous PULL_REQUEST=7
	@rm -rf $(R)/previous; $(FORGE) artifact review-$(S)-pr-$(call quoted,$(value PULL_REQUEST)) \
	  --into $(R)/previous || test $$? = 4

review-approved: setup ## Fetch the review of what is checked out, to verify and apply
	@rm -rf $(R); $(FORGE) artifact review-$(S)-"$(TREE)" --into $(R) || { \
	  echo 'refused: what is checked out was never reviewed: run the preview on it, read its review, deploy again' >&2; exit 1; }

tree: setup ## Print the git tree that is checked out: reviews are kept under it
	@echo "$(TREE)"

pr-comment: setup ## Write the review to the pull request of this run
	@$(FORGE) comment $(R)/review.md --review $(R)/review.json

verify: setup ## Refuse unless commit and state are those of the review
	$(call deployed,now)
	@$(PY) -m review verify $(R)/review.json $(COMMIT) --stack=$(S) --state $(R)/now.json --history $(R)/now-history.json

# The engine holds to the plan too: a change that came between is refused resource by resource.
apply: setup ## Apply what was reviewed, and nothing else
	@$(MAKE) --no-print-directory verify
	@$(ENGINE) up --stack=$(S) --yes --skip-preview --non-interactive $(POLICED) --plan=$(R)/plan.json

smoke: setup ## Read everything back, and fail if it is not as the program says
	@$(ENGINE) preview --stack=$(S) --refresh --expect-no-changes --non-interactive

drift: setup ## Show what was changed in the cloud beside the program
	@mkdir -p $(R)
	@$(EVENTS) $(ENGINE) refresh --stack=$(S) --preview-only --json --non-interactive >$(R)/refresh.jsonl
	@$(PY) -m review drift $(R)/refresh.jsonl

drift-issue: setup ## Open or update the issue about what `make drift` found, or close it
	@$(PY) -m review drift $(R)/refresh.jsonl --markdown $(R)/drift.md; status=$$?; test $$status = 0 -o $$status = 5 && \
	  $(FORGE) issue $(R)/drift.md --title "Drift of "$(S) --label drift $$(test $$status = 5 || echo --close)

ephemeral: setup ## Bring up an environment of a pull request, as dev is: make ephemeral STACK=ephemeral-7
	$(ephemeral)
	@$(ENGINE) up --stack=$(S) --yes --non-interactive $(POLICED)
	@$(ENGINE) stack output --stack=$(S) --json | $(PY) -m ephemeral up $(S) >$(R)/ephemeral.md

destroy-ephemeral: setup ## Take an environment of a pull request down: make destroy-ephemeral STACK=ephemeral-7
	$(ephemeral)
	@$(ENGINE) destroy --stack=$(S) --yes --skip-preview --non-interactive
	@$(ENGINE) stack rm $(S) --yes --non-interactive
	@rm -f Pulumi.$(S).yaml
	@$(PY) -m ephemeral gone $(S) >$(R)/ephemeral.md

ephemeral-comment: setup ## Say in the pull request where its environment is, or that it is gone
	@$(FORGE) comment $(R)/ephemeral.md $(if $(PULL_REQUEST),--pull-request $(call quoted,$(value PULL_REQUEST)))

# The stacks are listed first: one that is made meanwhile is not taken for left over.
destroy-left-over: setup ## Take down the environments of pull requests that are closed, or not labelled any more
	@stacks="$$($(ENGINE) stack ls --json)" && wanted="$$($(FORGE) pull-requests --label ephemeral)" && \
	  left="$$(printf '%s' "$$stacks" | $(PY) -m ephemeral left-over $$wanted)" && \
	  for stack in $$left; do $(MAKE) --no-print-directory destroy-ephemeral STACK=$$stack || failed=1; done; \
	  test -z "$$failed"

submit: setup ## Submit a job of the catalogue to the local Azure: make submit JOB=jobs/train.yml
	@$(SANDBOX) run -- env PYTHONPATH=.:ml_assets/provider $(PY) -m azureml_assets.submit --stack=$(S) $(call quoted,$(JOB))

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
