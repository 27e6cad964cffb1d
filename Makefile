# Everything from a fresh machine with python3 and make:  make demo,  make test.
# For every push:  make check.  The parts alone:  make lint types quick slow notebooks test-browser

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed
# programs compiled once are used again by the next process of the same run, however quickly they compiled
CACHE := JAX_COMPILATION_CACHE_DIR="$(CURDIR)/$(VENV)/compiled" JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS=0 JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES=-1
# a worker a core; a file's tests share what they make, and stay together
PYTEST := $(CACHE) $(BIN)/pytest --numprocesses auto --dist loadfile --no-loadscope-reorder
QUICK := not slow and not process

CHROMIUM := command -v chromium >/dev/null && command -v chromedriver >/dev/null
CHROMIUM_IS := apt-get install chromium chromium-driver

.PHONY: install demo check test lint types quick slow notebooks test-browser browser side-by-side clean

install: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "gradflow needs Python 3.11 or newer with venv (on Debian: python3-venv); write make PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --build-constraint constraints.txt --group test --group lint --editable ".[data,dask,proofs,notebook]"
	touch $(STAMP)

demo: $(STAMP)
	$(BIN)/gradflow phase-diagram --k 8 --runs 10 --seed 0 --certify --out runs/k8
	$(BIN)/gradflow report runs/k8

check: lint types quick

test: lint types quick slow side-by-side

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/python tests/tracked.py

types: $(STAMP)
	$(BIN)/mypy

# with shapes and types checked at run time
quick: $(STAMP)
	$(PYTEST) -m "$(QUICK)" --junitxml=$(VENV)/tests.xml

slow: $(STAMP)
	GRADFLOW_UNCHECKED=1 $(PYTEST) -m "not ($(QUICK))" --junitxml=$(VENV)/tests_slow.xml

notebooks: $(STAMP)
	$(CACHE) $(BIN)/python notebooks/execute.py

# each keeps one core busy
side-by-side: $(STAMP)
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target notebooks browser

# the report in a real browser; nothing is installed from here
test-browser: $(STAMP)
	@$(CHROMIUM) || { echo "the browser tests need Chromium and its driver: $(CHROMIUM_IS)"; exit 1; }
	$(CACHE) $(BIN)/pytest tests_browser --junitxml=$(VENV)/tests_browser.xml

# the same where there is a browser; the last line of `make test` says which
browser: $(STAMP)
	@if $(CHROMIUM); then $(MAKE) --no-print-directory test-browser && echo "browser tests run"; \
	else echo "browser tests not run: no chromium ($(CHROMIUM_IS))"; fi

clean:
	rm -rf $(VENV) runs
