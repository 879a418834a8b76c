# The two commands: `make run` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3)
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
UV_VERSION := 0.13.9
NLU := nlu/.venv/bin
export RASA_TELEMETRY_ENABLED := false
export UV_LINK_MODE ?= copy
# Networks with their own certificate authority (offices, schools) are met by trusting what the system trusts.
export UV_SYSTEM_CERTS ?= true

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 24

run: install train ## Install, train if needed, and start (terminal chat without TELEGRAM_TOKEN)
	@$(UV) run --no-sync bot run

install: .venv/.ready nlu/.venv/.ready ## Install both environments

$(UV):
	@bash scripts/bootstrap.sh "$(PYTHON)" "$(UV_VERSION)"

.venv/.ready: pyproject.toml uv.lock | $(UV)
	@bash scripts/check_disk.sh .
	$(UV) sync --frozen && touch $@

nlu/.venv/.ready: nlu/pyproject.toml nlu/uv.lock | $(UV)
	@bash scripts/check_disk.sh .
	$(UV) sync --frozen --project nlu --group test && touch $@

train: install ## Train the model if the data are newer than it (progress shown); FORCE=1 trains anyway
	@$(NLU)/python -m nlu.tools.train $(if $(FORCE),--force)

validate: install ## rasa data validate
	$(NLU)/rasa data validate --data nlu/data --domain domain.yml --config config.yml --fail-on-warnings

rasa-test: train ## rasa test nlu on the training data
	$(NLU)/rasa test nlu --nlu nlu/data --no-plot --out results

eval: train ## Accuracy per form on held-out questions; FILE=questions.tsv, OUT=result.json
	@$(UV) run --no-sync bot eval $(FILE) $(if $(OUT),--out $(OUT)) $(if $(MISSES),--misses)

thresholds: install ## Choose the thresholds by cost on cross-validated training data
	@$(NLU)/python -m nlu.tools.thresholds

bench-nlu: install ## This pipeline beside stock Rasa on the same questions; NLU_BENCH="--diet-epochs 20 --sample 5000 --write"
	$(NLU)/python -W ignore -m benchmarks.nlu_side_by_side $(NLU_BENCH)

test: install train ## All tests: the bot's, then those that need Rasa's own environment
	$(UV) run --no-sync pytest --ignore=tests/integration/nlu
	$(NLU)/python -m pytest --noconftest -c /dev/null --rootdir . -q tests/unit/nlu tests/integration/nlu

bench: install train ## Throughput and latency beside plain PTB and stock Rasa (about 15 minutes)
	$(UV) run --no-sync python -m benchmarks.throughput $(BENCH)

test-fast: .venv/.ready ## Unit tests only: seconds, no network, no model
	$(UV) run --no-sync pytest tests/unit -q

chaos-short: .venv/.ready ## Chaos commands in their short form, as in CI
	$(UV) run --no-sync python -m tests.chaos.kill9 --updates 1000 --rate 100 --chats 100 --kills 5
	$(UV) run --no-sync python -m tests.chaos.kill9 --updates 600 --rate 100 --chats 100 --kills 3 --mode webhook --failpoints none
	$(UV) run --no-sync python -m tests.chaos.kill9 --updates 600 --rate 100 --chats 100 --kills 3 --db pg --failpoints none

check: .venv/.ready ## Format, lint, types, imports, translations, content, training data
	$(UV) run --no-sync ruff format --check bot nlu/text nlu/components nlu/tools nlu/serve.py tests benchmarks
	$(UV) run --no-sync ruff check bot nlu/text nlu/components nlu/tools nlu/serve.py tests benchmarks
	$(UV) run --no-sync mypy
	$(UV) run --no-sync lint-imports
	$(UV) run --no-sync bot i18n check
	$(UV) run --no-sync bot content check
	$(UV) run --no-sync python -m nlu.tools.check_data

format: .venv/.ready ## Format and fix what can be fixed
	$(UV) run --no-sync ruff format bot nlu/text nlu/components nlu/tools nlu/serve.py tests benchmarks
	$(UV) run --no-sync ruff check --fix bot nlu/text nlu/components nlu/tools nlu/serve.py tests benchmarks

messages: .venv/.ready ## Extract, update and compile the catalogues in locales/
	$(UV) run --no-sync pybabel -q extract -F babel.cfg -k t -k N_ -k t_reader --no-location --omit-header --sort-output -o locales/bot.pot .
	for l in lo th en; do $(UV) run --no-sync pybabel -q update -i locales/bot.pot -d locales -D bot -l $$l --no-fuzzy-matching --omit-header --init-missing --ignore-pot-creation-date; done
	$(UV) run --no-sync pybabel -q compile -d locales -D bot --statistics

clean: ## Remove environments, models and caches
	rm -rf .venv nlu/.venv .tools models .rasa .mypy_cache .ruff_cache .pytest_cache .hypothesis results

.PHONY: help run install train validate rasa-test eval thresholds bench bench-nlu test test-fast chaos-short check format messages clean
