# make          what there is
# make demo     simulated cities rated from raw rows, and their reports
# make test     every check and every test
.DEFAULT_GOAL := help
SHELL := /bin/bash
export UV_PYTHON_DOWNLOADS := never
# compiled once, so that every command starts quickly
unexport PYTHONDONTWRITEBYTECODE
PYTHON ?= python3
QALA := .venv/bin/qala
OUT ?= out/demo
LAKE ?= $(OUT)/lake
PORT ?= 8000

.PHONY: help setup demo demo-large test lint unit bench bench-web wall faults fuzz lock docs clean

help:
	@grep -E '^# make' Makefile | cut -c3-
	@echo "make setup    the program into .venv (.venv/bin/qala runs)"
	@echo "make demo-large  one simulated city with 3 million trees, and its map"
	@echo "make serve    the site over the demo's cities once more"
	@echo "make bench    the figures of docs/explanation/figures.md, measured on this machine"
	@echo "make bench-web   the same of the site: pages, weight, memory, map (needs wrk; makes its demos first)"
	@echo "make wall     three days of a board on a wall, in minutes: does the page grow? (over the site of make demo or make serve)"
	@echo "make faults   kill -9 of doors, receivers, collector and committer under load, fifty times each way in; ten times overload, full disk, broker and database gone"
	@echo "make docs     the generated pages of docs/reference"
	@echo "make lock     pin the newest versions that fit"
	@echo "make clean    remove what the other targets made"

setup: .venv/ready

.venv/ready: requirements.txt requirements-dev.txt pyproject.toml package-lock.json
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 12))' || { echo "Python 3.12 or newer is needed; found $$($(PYTHON) --version). Try: make PYTHON=python3.13 setup"; exit 2; }
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv || { echo "On Debian: apt-get install python3-venv"; exit 2; }
	@test -x .venv/bin/uv || .venv/bin/python -m pip install --quiet --disable-pip-version-check uv
	.venv/bin/uv pip sync --quiet --compile-bytecode --python .venv/bin/python --require-hashes requirements.txt requirements-dev.txt
	.venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
	@command -v npm >/dev/null || { echo "Node 20 with npm is needed for the browser's libraries. On Debian: apt-get install npm"; exit 2; }
	npm ci --no-audit --no-fund --silent
	.venv/bin/python scripts/messages.py --compile
	@touch $@

demo: setup
	@bash scripts/demo.sh "$(OUT)"

serve: setup
	@$(QALA) serve --demo --play 60 --lake "$(OUT)/lake" --home "$(OUT)/site" --edition order_469 --port "$(PORT)"

demo-large: setup
	@bash scripts/demo_large.sh "$(if $(filter file,$(origin OUT)),out/large,$(OUT))"

test: setup lint unit

lint: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check --quiet . || { echo "run: .venv/bin/ruff format ."; exit 1; }
	DATABASE_URL=postgresql:///unused .venv/bin/mypy
	.venv/bin/lint-imports
	$(QALA) check
	.venv/bin/python scripts/messages.py --check
	DATABASE_URL=postgresql:///unused .venv/bin/python scripts/manage.py makemigrations --check --dry-run

unit: setup
	.venv/bin/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

bench: setup
	.venv/bin/python -m bench

bench-web: setup
	@command -v wrk >/dev/null || { echo "The readers are wrk. On Debian: apt-get install wrk"; exit 2; }
	@test -d out/demo/lake/runs || SERVE=0 bash scripts/demo.sh out/demo
	@test -d out/large/site/tiles || SERVE=0 bash scripts/demo_large.sh out/large
	.venv/bin/python -m bench.web

wall: setup
	.venv/bin/python -m bench.web_wall "http://localhost:$(PORT)/en/board/SIM-R01/overview/" 72

faults: setup
	.venv/bin/python tests/faults/kill_intake.py --kills 50 --to bench/results/kills.json
	.venv/bin/python tests/faults/kill_mqtt.py --kills 50 --to bench/results/kills.json
	.venv/bin/python tests/faults/kill_collector.py --kills 50 --to bench/results/kills.json
	.venv/bin/python tests/faults/overload.py --seconds 300 --to bench/results/overload.json

fuzz: setup
	QALA_FUZZ=2000 .venv/bin/pytest -q tests/intake/test_doors_fuzzed.py tests/intake/payloads
	.venv/bin/python tests/faults/fuzz_doors.py --noise 20000

docs: setup
	.venv/bin/python scripts/reference.py

lock:
	.venv/bin/uv pip compile --quiet --upgrade --generate-hashes --universal --python-version 3.12 --no-header --no-annotate --no-emit-index-url pyproject.toml -o requirements.txt
	.venv/bin/uv pip compile --quiet --upgrade --generate-hashes --universal --python-version 3.12 --no-header --no-annotate --no-emit-index-url -c requirements.txt requirements-dev.in -o requirements-dev.txt

clean:
	rm -rf out build .mypy_cache .ruff_cache .import_linter_cache
