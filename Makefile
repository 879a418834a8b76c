# The two commands: `make run` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3)
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
UV_VERSION := 0.13.9
NLU := nlu/.venv/bin
CHAOS_JOBS ?= 2
# What `make chaos-short` and `make chaos` run; docs/reliability.md says what each shows.
SHORT := kill9 webhook kill9pg poison fuzz storm nlu db dbpg blackhole doors drain migrate blocked overtake soak
SHORT += restore grep forget tamper masking xss bruteforce secrets
SHORT_kill9 := tests.chaos.kill9 --updates 800 --rate 100 --chats 100 --kills 4
SHORT_webhook := tests.chaos.kill9 --updates 500 --rate 100 --chats 100 --kills 3 --mode webhook --failpoints none
SHORT_kill9pg := tests.chaos.kill9 --updates 500 --rate 100 --chats 100 --kills 3 --db pg --failpoints none
SHORT_poison := tests.chaos.poison
SHORT_fuzz := tests.fuzz.updates --n 2000
SHORT_storm := tests.chaos.storm --seconds 12
SHORT_nlu := tests.chaos.nlu --seconds 2
SHORT_db := tests.chaos.db
SHORT_dbpg := tests.chaos.db --db pg --fault stop,start+stop
SHORT_blackhole := tests.chaos.blackhole --fault halfopen
SHORT_doors := tests.chaos.doors --updates 150 --switches 2 --kills 1
SHORT_drain := tests.chaos.drain --ends 2 --updates 150
SHORT_migrate := tests.chaos.migrate
SHORT_blocked := tests.chaos.blocked
SHORT_grep := tests.privacy.grep_disk --conversations 60
SHORT_restore := tests.privacy.restore --messages 2000
SHORT_forget := tests.privacy.forget_me --kills in_transaction,after_commit,after_keyring
SHORT_tamper := tests.audit.tamper --n 600
SHORT_overtake := tests.chaos.overtake --backlog 1000 --chats 100 --cries 15
SHORT_soak := tests.load.soak --minutes 0.5 --loud 200 --loud-seconds 3
SHORT_masking := benchmarks.masking
SHORT_xss := tests.web.xss --payloads 12
SHORT_secrets := tests.secrets.scan
SHORT_bruteforce := tests.web.bruteforce --guesses 300 --timings 60
FULL := kill9 kill9pg webhook webhookpg backlog poison fuzz fuzzpg storm stormpg nlu nlupg db dbpg blackhole blackholedb \
	doors doorspg drain drainpg migrate migratepg blocked blockedpg restore restorepg grep greppg forget forgetpg overtake overtakepg soak soakpg tamper tamperpg xss bruteforce
FULL_kill9 := tests.chaos.kill9 --updates 10000 --rate 200 --kills 50
FULL_kill9pg := $(FULL_kill9) --db pg
FULL_webhook := $(FULL_kill9) --mode webhook
FULL_webhookpg := $(FULL_webhook) --db pg
FULL_backlog := tests.chaos.kill9 --updates 10000 --backlog 1 --kills 10
FULL_poison := tests.chaos.poison --db pg
FULL_fuzz := tests.fuzz.updates --n 100000 --seed 7
FULL_fuzzpg := $(FULL_fuzz) --db pg
FULL_storm := tests.chaos.storm --seconds 600
FULL_stormpg := $(FULL_storm) --db pg
FULL_nlu := tests.chaos.nlu --seconds 30 --rate 20
FULL_nlupg := $(FULL_nlu) --db pg
FULL_db := tests.chaos.db --seconds 30
FULL_dbpg := $(FULL_db) --db pg
FULL_blackhole := tests.chaos.blackhole --seconds 300 --poll 15 --stuck 45
FULL_blackholedb := tests.chaos.blackhole --target database --seconds 60
FULL_doors := tests.chaos.doors --updates 10000 --rate 100 --kills 10
FULL_doorspg := $(FULL_doors) --db pg
FULL_drain := tests.chaos.drain --ends 20 --updates 3000
FULL_migrate := tests.chaos.migrate --rows 1000 --kills 12 --clock 6
FULL_migratepg := $(FULL_migrate) --db pg
FULL_overtake := tests.chaos.overtake
FULL_overtakepg := $(FULL_overtake) --db pg
FULL_soak := tests.load.soak --minutes 45
FULL_soakpg := $(FULL_soak) --db pg
FULL_drainpg := $(FULL_drain) --db pg
FULL_blocked := tests.chaos.blocked
FULL_blockedpg := tests.chaos.blocked --db pg
FULL_grep := tests.privacy.grep_disk --conversations 1000
FULL_greppg := $(FULL_grep) --db pg
FULL_restore := tests.privacy.restore
FULL_restorepg := $(FULL_restore) --db pg
FULL_forget := tests.privacy.forget_me --kills all
FULL_xss := tests.web.xss
FULL_bruteforce := tests.web.bruteforce
FULL_tamper := tests.audit.tamper
FULL_tamperpg := $(FULL_tamper) --db pg
FULL_forgetpg := $(FULL_forget) --db pg
# The fences and doors of the house.
SHORT += fence retention dast
FULL += fence retention retentionpg dast
SHORT_fence := tests.network.fence
SHORT_retention := tests.privacy.retention
SHORT_dast := tests.web.dast --only schemathesis,webhook --examples 2 --people 20
FULL_fence := $(SHORT_fence)
FULL_retention := tests.privacy.retention --conversations 1000
FULL_retentionpg := $(FULL_retention) --db pg
FULL_dast := tests.web.dast
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

thresholds: install ## Choose the thresholds by cost, on questions of writers unknown to the model
	@$(NLU)/python -m nlu.tools.thresholds

bench-nlu: install ## This pipeline beside stock Rasa on the same questions; NLU_BENCH="--diet-epochs 20 --sample 5000 --write"
	$(NLU)/python -W ignore -m benchmarks.nlu_side_by_side $(NLU_BENCH)

test: install train ## All tests, with the floor of coverage: the bot's, then those that need Rasa's own environment
	$(UV) run --no-sync pytest --ignore=tests/integration/nlu --cov -n 2 --dist worksteal
	$(NLU)/python -m pytest --noconftest -c /dev/null --rootdir . -q tests/unit/nlu tests/integration/nlu

bench: install train ## Throughput and latency beside plain PTB and stock Rasa (about 15 minutes)
	$(UV) run --no-sync python -m benchmarks.throughput $(BENCH)

test-fast: .venv/.ready ## Unit tests only: seconds, no network, no model
	$(UV) run --no-sync pytest tests/unit -q

coverage: .venv/.ready ## Coverage of dialogue, knowledge, masking and privacy by the unit tests alone; the floor is in pyproject.toml
	$(UV) run --no-sync pytest tests/unit -q --cov

mutants: .venv/.ready ## Mutation testing of the dialogue (docs/testing.md); goes on where it was stopped, CTRL-C at any time
	nice $(UV) run --no-sync mutmut run --max-children 2
	$(UV) run --no-sync mutmut results

chaos-short: .venv/.ready ## Chaos commands in their short form, as in CI (CHAOS_JOBS=1: one after the other)
	@$(MAKE) --no-print-directory -j$(CHAOS_JOBS) -Otarget $(addprefix chaos-run-SHORT_,$(SHORT))

chaos: .venv/.ready ## Chaos commands with their full figures on SQLite and PostgreSQL: about three hours
	@$(MAKE) --no-print-directory -k $(addprefix chaos-run-FULL_,$(FULL))

chaos-run-%:
	@bash scripts/chaos_retry.sh $(UV) run --no-sync python -m $($*)

backup-drill: .venv/.ready ## Back up 100,000 messages, restore them on an empty machine, compare everything
	$(UV) run --no-sync python -m tests.privacy.restore

check: .venv/.ready ## Format, lint, types, imports, translations, content, training data
	$(UV) run --no-sync ruff format --check bot nlu/text nlu/components nlu/tools nlu/questions.py nlu/serve.py tests benchmarks
	$(UV) run --no-sync ruff check bot nlu/text nlu/components nlu/tools nlu/questions.py nlu/serve.py tests benchmarks
	$(UV) run --no-sync mypy
	$(UV) run --no-sync lint-imports
	$(UV) run --no-sync bot i18n check
	$(UV) run --no-sync bot content check
	$(UV) run --no-sync python -m nlu.tools.check_data

format: .venv/.ready ## Format and fix what can be fixed
	$(UV) run --no-sync ruff format bot nlu/text nlu/components nlu/tools nlu/questions.py nlu/serve.py tests benchmarks
	$(UV) run --no-sync ruff check --fix bot nlu/text nlu/components nlu/tools nlu/questions.py nlu/serve.py tests benchmarks

messages: .venv/.ready ## Extract, update and compile the catalogues in locales/
	$(UV) run --no-sync pybabel -q extract -F babel.cfg -k t -k N_ -k t_reader --no-location --omit-header --sort-output -o locales/bot.pot .
	for l in $$(ls -d locales/*/ | xargs -n1 basename); do $(UV) run --no-sync pybabel -q update -i locales/bot.pot -d locales -D bot -l $$l --no-fuzzy-matching --omit-header --init-missing --ignore-pot-creation-date; done
	$(UV) run --no-sync pybabel -q compile -d locales -D bot --statistics

docs: ## The documentation as a website in docs/_site; a broken link or anchor stops it
	UV_PROJECT_ENVIRONMENT=.venv-docs $(UV) run --frozen --only-group docs sphinx-build -q -n -W --keep-going -b html docs docs/_site
	$(PYTHON) scripts/check_site.py docs/_site

verify-deploy: ## systemd units, container files and alerts, as far as the tools for them are here
	bash scripts/verify_deploy.sh

clean: ## Remove environments, models and caches
	rm -rf .venv .venv-docs docs/_site nlu/.venv .tools models .rasa .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage mutants results

secrets-scan: .venv/.ready ## Secrets in files, history and logs; bandit
	$(UV) run --no-sync python -m tests.secrets.scan --history

dast: .venv/.ready ## Scanners at every page and form of the console and at the webhook door (installs sqlmap and wapiti where it may)
	@{ command -v sqlmap && command -v wapiti; } >/dev/null || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends sqlmap wapiti >/dev/null; } \
	  || { echo "sqlmap and wapiti are missing, and this user may not install them: sudo apt-get install sqlmap wapiti"; exit 1; }
	$(UV) run --no-sync python -m tests.web.dast $(DAST)

sbom: install ## CycloneDX lists of both environments in results/; every licence is checked beside Apache-2.0
	mkdir -p results
	$(UV) run --no-sync cyclonedx-py environment .venv --of JSON -o results/sbom-bot.json
	$(UV) run --no-sync cyclonedx-py environment nlu/.venv --of JSON -o results/sbom-nlu.json
	$(UV) run --no-sync python -m tests.secrets.licences results/sbom-bot.json results/sbom-nlu.json

.PHONY: help dast backup-drill secrets-scan sbom run install train validate rasa-test eval thresholds bench bench-nlu test test-fast coverage mutants chaos chaos-short check format messages docs verify-deploy clean
