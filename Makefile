# Everything a person or a CI needs; `make help` lists it. Set-up happens by itself where a target needs it.

PYTHON := .venv/bin/python
GRADER := .venv/bin/grader
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

.PHONY: help setup demo test serve bench screenshots check format images lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what is missing: .venv, Docker, container images (safe to run again)
	@scripts/setup.sh

demo: setup ## Grade every shipped example through web, queue, worker and Docker
	@$(GRADER) demo

test: setup ## Check format, lint, types and layers, then run every test
	@$(MAKE) check
	@$(PYTHON) -m pytest -q

serve: setup ## Run the service on http://127.0.0.1:8000 with a demo course to look around in
	@GRADER_DEMO=$${GRADER_DEMO:-true} GRADER_HOME=$${GRADER_HOME:-var/serve} $(GRADER) serve

bench: setup ## Time grading as a ratio to docker run, beside other notebook graders, every page and search
	@$(PYTHON) bench/run.py
	@$(PYTHON) bench/notebooks.py
	@$(PYTHON) bench/records.py
	@$(PYTHON) bench/pages.py
	@$(PYTHON) bench/talent.py

screenshots: setup ## Take the pictures of docs/screenshots anew
	@$(PYTHON) -m pytest -q tests/journeys/screenshots.py

check: ## Check format, lint, types and layers
	@.venv/bin/ruff format --check --quiet . || { .venv/bin/ruff format --check . | tail -n 20; exit 1; }
	@.venv/bin/ruff check --quiet .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-logo || .venv/bin/lint-imports

format: ## Format the code, and mend what lint can mend
	@.venv/bin/ruff format --quiet .
	@.venv/bin/ruff check --quiet --fix .

images: ## Build the container images that are out of date
	@$(GRADER) images

lock: ## Resolve requirements/dev.txt and service.txt anew from pyproject.toml
	@.venv/bin/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 --group dev \
		-o requirements/dev.txt pyproject.toml
	@.venv/bin/uv pip compile --quiet --generate-hashes --no-header --python-version 3.11.2 --python-platform linux \
		--extra postgresql -c requirements/dev.txt -o requirements/service.txt pyproject.toml

clean: ## Remove what set-up, tests and the demo made here (not the images)
	@rm -rf .venv var build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
