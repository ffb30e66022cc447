# Two commands matter: `make sandbox` and `make test`. Both find uv, or fetch it into .uv/.

UV := $(or $(shell command -v uv 2>/dev/null),.uv/bin/uv)
UV_RELEASE := 0.13.9
PYTHON := $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)

# The system's certificates know a company's proxy; uv's own do not.
export UV_SYSTEM_CERTS ?= 1
# Without compiled modules every process of the tests takes two seconds longer to start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help sandbox test bench lint types mypy pyright

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

.uv/bin/uv:
	@test -n "$(PYTHON)" || { echo "Kadr needs Python 3.11 or newer on the PATH."; exit 2; }
	@$(PYTHON) -m venv .uv
	@.uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_RELEASE)

.venv/.synced: pyproject.toml uv.lock | $(filter .uv/bin/uv,$(UV))
	@$(UV) sync --locked --all-extras --quiet
	@touch $@

sandbox: .venv/.synced  ## the whole bot with no key, and a page to chat with it
	@$(UV) run --no-sync kadr sandbox $(ARGS)

test: .venv/.synced  ## every test; the browser's too where there is a Chromium
	@set --; .ci/chromium find >/dev/null || { set -- -m 'not browser'; \
	echo "No Chromium here: the browser tests are left out. CI runs them."; }; \
	$(UV) run --no-sync pytest -n auto --dist loadgroup "$$@" $(ARGS)

bench: .venv/.synced  ## what Kadr costs: updates, CPU, memory, start
	@$(UV) run --no-sync python -m benchmarks.updates
	@$(UV) run --no-sync python -m benchmarks.idle

lint: .venv/.synced  ## ruff and flake8-async
	@$(UV) run --no-sync ruff check .
	@$(UV) run --no-sync ruff format --check .
	@# 114 and 128 take every task_status for a mistake; the rest of 1xx, 2xx and 3xx finds swallowed cancellations.
	@git grep -lE 'async (def|with|for)|\bawait ' -- '*.py' ':!tests' | \
	xargs -P 2 -n 20 $(UV) run --no-sync flake8-async --enable=ASYNC1,ASYNC2,ASYNC3 --disable=ASYNC114,ASYNC128

types: mypy pyright  ## mypy and pyright, both strict

mypy pyright: .venv/.synced
	@$(UV) run --no-sync $@
