# Every command starts from a bare machine: Python 3.11 or later, pip, make and git. All set-up goes into .venv.
.DEFAULT_GOAL := help
.PHONY: help demo run test browser faults faults-quick check lint fix wheel lock bench migrate clean
PYTHON ?= python3
BENCH ?= ../shared/bench
UV := .tools/bin/uv
VENV := .venv
# Compiled once: where Python may not write bytecode (PYTHONDONTWRITEBYTECODE), each start would take 12 s, not 2.
COMPILE = @$(VENV)/bin/python -m compileall -q app detectors alembic
# No Python is fetched, and certificates are those that the machine trusts (a company may have its own).
export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS := 1

help: ## Show what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

demo: .venv/.ready-run ## Set up, replay a week of a made-up brand, then serve what happened on 127.0.0.1
	@$(VENV)/bin/tocsin demo $(ARGS)

run: .venv/.ready-run ## Set up and start the service for real use
	@$(VENV)/bin/tocsin serve

# A service that is tried waits more than it works; other tests gain nothing by more workers than cores.
TWICE = $$(($$(nproc 2>/dev/null || echo 2) * 2))

test: .venv/.ready-test ## Set up and pass all tests, on SQLite and on PostgreSQL
	OMP_NUM_THREADS=1 $(VENV)/bin/pytest -n auto --dist worksteal

browser: .venv/.ready-test ## Look at each page of the console in a real Chromium, which Debian's apt installs if none is there
	@command -v chromium > /dev/null || (apt-get update -qq && apt-get install -qq -y --no-install-recommends \
		chromium fonts-dejavu-core libatomic1 > /dev/null) || echo "No Chromium: without it these report themselves skipped"
	OMP_NUM_THREADS=1 $(VENV)/bin/pytest -n auto --dist worksteal -m browser tests/console

faults: .venv/.ready-test ## Kill the service again and again, let Slack fail, and see that nothing is lost
	OMP_NUM_THREADS=1 $(VENV)/bin/pytest -n $(TWICE) --dist worksteal -m faults --kills 1000 tests

faults-quick: .venv/.ready-test ## Of these, what a change waits for: one row for each mend of the fault matrix
	OMP_NUM_THREADS=1 $(VENV)/bin/pytest -n $(TWICE) --dist worksteal -m "faults and not whole" --kills 12 tests

check: lint test browser faults-quick ## Everything that must hold before a change lands

lint: .venv/.ready-test ## Formatting, lint, types and layers: what must hold before a commit
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

fix: .venv/.ready-test ## Format, and mend what can be mended
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

bench: .venv/.ready-bench ## Measure speed and memory beside their limits, and detection beside others
	$(VENV)/bin/python -m benchmarks
	@if [ -e $(BENCH)/fire_drill.py ]; then \
		$(VENV)/bin/python -m benchmarks.detection --bench $(BENCH) $(ARGS); \
	else \
		echo "Detection was not measured: $(BENCH) holds no fire_drill.py; name its folder with BENCH=..."; \
	fi
	@if [ -e $(BENCH)/posts_drill.py ]; then \
		$(VENV)/bin/python -m benchmarks.posts_drill --bench $(BENCH); \
	else \
		echo "Posts were not drilled: $(BENCH) holds no posts_drill.py; name its folder with BENCH=..."; \
	fi

migrate: .venv/.ready-run ## Bring the database of the settings to the newest tables
	@$(VENV)/bin/tocsin migrate

wheel: .venv/.ready-test ## Build dist/*.whl and try it in an empty environment, as `make test` does too
	$(UV) build --quiet --no-build-isolation --python $(VENV)/bin/python --clear
	$(VENV)/bin/pytest tests/wheel

lock: $(UV) ## Choose the newest versions that fit and write them down with their hashes
	$(UV) pip compile -q --upgrade --universal --generate-hashes --python-version 3.11 --no-header \
		pyproject.toml -o requirements.lock
	$(UV) pip compile -q --upgrade --universal --generate-hashes --python-version 3.11 --no-header \
		pyproject.toml --group test -c requirements.lock -o requirements-test.lock
	$(UV) pip compile -q --upgrade --universal --generate-hashes --python-version 3.11 --no-header \
		--group bench -c requirements-test.lock -o requirements-bench.lock

clean: ## Take away all set-up and the demo's files
	rm -rf $(VENV) .tools demo dist *.egg-info

$(UV):
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --target .tools uv

$(VENV)/bin/python: | $(UV)
	$(UV) venv --quiet --python "$$(command -v $(PYTHON))" $(VENV)

.venv/.ready-run: requirements.lock pyproject.toml | $(VENV)/bin/python
	@if [ ! -e .venv/.ready-test ]; then $(UV) pip sync --quiet --compile-bytecode requirements.lock; fi
	$(UV) pip install --quiet --no-deps --editable .
	$(COMPILE)
	@touch $@

.venv/.ready-test: requirements-test.lock pyproject.toml | $(VENV)/bin/python
	$(UV) pip sync --quiet --compile-bytecode requirements-test.lock
	$(UV) pip install --quiet --no-deps --editable .
	$(COMPILE)
	@touch $@ .venv/.ready-run

# On top of the tests' packages, with the same versions: taken away again when those change.
.venv/.ready-bench: requirements-bench.lock .venv/.ready-test
	$(UV) pip install --quiet --require-hashes --requirement requirements-bench.lock
	@touch $@
