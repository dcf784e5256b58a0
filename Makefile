# The commands of the project: `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
GENERATOR := build/generator
NOTEBOOKS := build/notebooks
CLUSTER := build/cluster
KUBERNETES := build/kubernetes
DEMO := build/packages/demo
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
UV := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links

EXTRAS := --extra pdf --extra token

REDOCLY := @redocly/cli@2.77.0
SPECTRAL := @stoplight/spectral-cli@6.16.3
TYPESCRIPT := openapi-typescript@7.13.0 typescript@5.9.3

unexport PYTHONDONTWRITEBYTECODE # the tests start many processes: each would compile everything again

.DEFAULT_GOAL := help
.PHONY: help install run test wide system system-deps prove drills lint format audit sbom bench docs lock release release-check clean screenshots browser api-lint

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

install: $(VENV)/installed ## the virtual environment in .venv, with the `placement` command in .venv/bin

run: install ## serve a synthetic country at http://127.0.0.1:8000 (another port: make run PORT=8101)
	@$(BIN)/placement serve --demo$(if $(PORT), --port $(PORT))

test: $(VENV)/installed-dev lint browser ## lint and the tests that every change must pass, on PostgreSQL where the database matters
	$(BIN)/python -m pytest -q -n 2 -m "not long and not wide and not system"

wide: $(VENV)/installed-dev $(GENERATOR)/installed $(NOTEBOOKS)/installed $(CLUSTER)/installed browser ## the tests with more variants: all on PostgreSQL too, every page, every way of the journey (SHARE=4: one file of four, others with each commit)
	TEST_SHARE=$(or $(SHARE),1) $(BIN)/python -m pytest -q -n 2 -m "wide and not long and not system"

system: $(VENV)/installed-dev ## the tests that need programs of Debian (`make system-deps`): a token for keys, units, the proxy
	$(BIN)/python -m pytest -q -n 2 -m system

system-deps: ## install the programs of Debian that `make system` needs; nothing where they are there
	@.ci/system-deps

prove: $(VENV)/installed-dev $(GENERATOR)/installed $(NOTEBOOKS)/installed $(CLUSTER)/installed browser system-deps ## all tests at full size, which takes hours (SIZE=small: only the long ones, in minutes)
	PROOF_SIZE=$(or $(SIZE),full) $(BIN)/python -m pytest -q -n 2 $(if $(filter small,$(SIZE)),-m long)

drills: $(VENV)/installed-dev system-deps ## each fault of the runbook that the service itself has, until Prometheus shows its alert, which takes an hour and a half; begun again, it goes on (build/alert-drills.md)
	@$(BIN)/python -m tests.support.alert_drills

browser: $(VENV)/installed-dev ## a browser for the tests: the one on the path, otherwise installed if that is allowed; without one the tests that need it are left out
	@$(BIN)/python -m tests.support.browser.chromium

screenshots: browser ## every page in every state, light, dark and on a phone: build/screenshots/index.html
	$(BIN)/python -m pytest -q tests/browser/screenshots.py

lint: $(VENV)/installed-dev ## ruff and mypy, both strict, the layers of imports, plain English, and the size of the service
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --check --quiet
	$(BIN)/mypy --no-error-summary
	@mkdir -p build; $(BIN)/lint-imports --no-cache > build/imports.txt 2>&1 || { cat build/imports.txt; exit 1; }
	$(BIN)/python .ci/prose.py
	$(BIN)/python .ci/size.py

api-lint: $(VENV)/installed ## the description of the API, linted by redocly and spectral (needs npx, and the network the first time)
	@mkdir -p build
	@PLACEMENT_CONTACT_NAME=Desk PLACEMENT_CONTACT_URL=https://placement.example PLACEMENT_CONTACT_EMAIL=desk@placement.example $(BIN)/python -m api.description > build/openapi.json
	npx --yes $(REDOCLY) lint build/openapi.json --config .ci/redocly.yaml
	npx --yes $(SPECTRAL) lint build/openapi.json --ruleset .ci/spectral.yaml --fail-severity warn

format: $(VENV)/installed-dev ## format the code; write smaller numbers of known faults of English, and of the size
	$(BIN)/ruff check --fix --quiet
	$(BIN)/ruff format --quiet
	-@$(BIN)/python .ci/prose.py --shrink
	-@$(BIN)/python .ci/size.py --shrink

audit: $(VENV)/installed-dev ## known vulnerabilities of every locked package; exit 3 if they cannot be looked up
	@$(BIN)/python .ci/audit.py

sbom: $(VENV)/installed-dev ## build/sbom.json: software bill of materials (CycloneDX): locked packages with hashes, licences and dependencies, vendored files
	@$(BIN)/python .ci/bill_of_materials.py build/sbom.json

release: test ## a release from a clean working tree (VERSION=1.0.0rc1): wheels, description of the API, bill of materials, checksums, notes, an image if a program for it is installed
	@$(BIN)/python .ci/release.py $(VERSION)

release-check: $(VENV)/installed-dev $(KUBERNETES)/installed ## what is too slow for each CI run: a release in a clone, its wheels installed and used, the image built and put up by compose (as root)
	@.ci/system-deps release
	$(BIN)/python -m pytest -q -m release

bench: $(VENV)/installed-dev $(CLUSTER)/installed ## benchmarks: the engine on problems of three generators (its tables go into the pages), many problems by a pool and by Ray, the daily report on three years, pages against the API, each act against one bare row, the snapshot, the time limit on hard problems, keys in a file and a token, what grows with YEARS=5 of history, whose making takes an hour once (SIZES="eu" LIMITS="20 60" SEEDS=5 for large problems alone; begun again, it goes on)
	$(BIN)/python -m bench.run --sizes "$(or $(SIZES),national 100 400 eu)" --seeds $(or $(SEEDS),5) $(if $(LIMITS),--limits "$(LIMITS)") --pages
	$(BIN)/python -m bench.many
	$(BIN)/python -m bench.report
	$(BIN)/python -m bench.pages
	$(BIN)/python -m bench.acts --pages
	$(BIN)/python -m bench.snapshot
	$(BIN)/python -m bench.time_limit
	$(BIN)/python -m bench.keys
	$(BIN)/python -m bench.releases --pages
	$(BIN)/python -m bench.counts --pages
	$(BIN)/python -m bench.needs 182 --pages
	$(BIN)/python -m bench.years $(or $(YEARS),5)

docs: $(VENV)/installed-dev ## the documentation as a site, with the reference of the HTTP API: build/site; a broken link fails it
	$(BIN)/python .ci/site/pages.py build/pages
	$(BIN)/mkdocs build --strict
	$(BIN)/python .ci/site/foreign.py build/site
	$(BIN)/python .ci/site/archive.py build/site api/site.zip

lock: $(VENV)/installed ## update requirements*.txt from pyproject.toml
	$(PIP) install uv
	$(UV) --upgrade --group build $(EXTRAS) pyproject.toml --output-file requirements.txt
	$(UV) --group build --group dev $(EXTRAS) --constraint requirements.txt pyproject.toml --output-file requirements-dev.txt
	$(UV) --upgrade .ci/generator.in --output-file .ci/generator.txt
	$(UV) --upgrade --constraint requirements.txt .ci/notebooks.in --output-file .ci/notebooks.txt
	$(UV) --upgrade --constraint requirements.txt .ci/cluster.in --output-file .ci/cluster.txt
	$(UV) --upgrade .ci/kubernetes.in --output-file .ci/kubernetes.txt

clean: ## remove .venv, build and the caches, but not the data in var/
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(GENERATOR)/installed: .ci/generator.txt | $(BIN)/python
	@$(BIN)/python -m venv $(GENERATOR)
	@$(GENERATOR)/bin/python -m pip --quiet --disable-pip-version-check install --require-hashes --requirement .ci/generator.txt
	npm install --silent --no-fund --no-audit --no-save --prefix $(GENERATOR) $(TYPESCRIPT)
	@touch $@

$(NOTEBOOKS)/installed $(CLUSTER)/installed $(KUBERNETES)/installed: build/%/installed: .ci/%.txt | $(BIN)/python
	@$(BIN)/python -m venv build/$*
	@build/$*/bin/python -m pip --quiet --disable-pip-version-check install --require-hashes --requirement .ci/$*.txt
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; try: make PYTHON=python3.13 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python's venv module is missing; on Debian: apt install python3-venv"; exit 1; }

$(VENV)/installed: requirements.txt pyproject.toml deploy/packages/demo.toml | $(BIN)/python
	@echo "installing (half a minute, the first time) ..."
	@$(PIP) install --require-hashes --requirement requirements.txt
	@$(BIN)/python .ci/packages.py --linked demo $(DEMO)
	@$(PIP) install --no-deps --no-build-isolation --editable '.[pdf,token]' --editable $(DEMO)
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed
	@$(PIP) install --require-hashes --requirement requirements-dev.txt
	@touch $@
