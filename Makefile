# make demo and make test are each complete by themselves: both start with `make env`, which builds .venv when it is missing or out of date.
PYTHON ?= python3
SECONDS_OF_SEARCH ?= 60
PYTEST_ARGS ?=

BIN := .venv/bin
STAMP := .venv/srlab.stamp
BENCH_STAMP := .venv/bench.stamp
DFT_STAMP := .venv/dft.stamp
# Two processes; all tests that drive a browser run in one of them (tests/conftest.py).
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder --durations 20
PIP_INSTALL := $(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt

.DEFAULT_GOAL := help
.PHONY: help env demo test test-all lab bench bench-full dft clean

help:  ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## /make \1|/p' $(MAKEFILE_LIST) | column -t -s '|'

env: $(STAMP)  ## .venv with srlab in it; does nothing when it is up to date

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else f"constraints.txt needs Python 3.11 or newer, this is {v[0]}.{v[1]}: make PYTHON=/path/to/python3.11 env")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP_INSTALL) torch==2.13.0
	$(PIP_INSTALL) -e ".[lab,lammps,validation,dask,test]"
	@touch $@

demo: env  ## a 60-second search on the bundled DFT data: the front, with refitted Sutton-Chen beside it
	$(BIN)/srlab search cu-gpaw --seconds $(SECONDS_OF_SEARCH)

test: env  ## all tests but the slow ones; those whose tools are missing are skipped and say why
	$(PYTEST) -m "not slow" $(PYTEST_ARGS)

test-all: env  ## the slow tests, too
	$(PYTEST) $(PYTEST_ARGS)

lab: env  ## JupyterLab on the first notebook
	$(BIN)/srlab lab $(LAB_ARGS)

bench: $(BENCH_STAMP)  ## short benchmarks, a few minutes, one line of JSON each; `make bench-full` takes hours
	$(BIN)/python tests/benchmarks/engine.py --json
	$(BIN)/python tests/benchmarks/recover.py --seeds 1 --seconds 60 --json
	$(BIN)/python tests/benchmarks/discover.py --seeds 1 --seconds 60 --json
	$(BIN)/python tests/benchmarks/ablation.py --seeds 1 --cpu-seconds 5 --evaluations 5000 --json

bench-full: $(BENCH_STAMP)
	@for file in tests/benchmarks/*.py; do echo "$$file" >&2; $(BIN)/python "$$file" --json || exit 1; done

$(BENCH_STAMP): $(STAMP)
	$(PIP_INSTALL) -e ".[bench]"
	@touch $@

dft: $(DFT_STAMP)  ## GPAW, built from source: what srlab label needs

$(DFT_STAMP): $(STAMP)
	@echo "building GPAW; its build needs the headers of libxc, OpenBLAS and FFTW (Debian: libxc-dev libopenblas-dev libfftw3-dev)"
	CC=g++ CXX=g++ $(PIP_INSTALL) -e ".[dft]"
	@touch $@

clean:  ## remove what was built; runs/ stays
	rm -rf .venv build dist .pytest_cache
