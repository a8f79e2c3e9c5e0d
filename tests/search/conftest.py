"""A small data set whose answer is known (a Gupta form), and runs on it."""

import pytest

from srlab.datasets import Dataset
from srlab.search.driver import Driver
from srlab.search.search import Search

from ..fitting.conftest import TRUTH, labelled


@pytest.fixture(scope="session")
def dataset():
    return Dataset.from_frames(labelled(TRUTH, 24, seed=5), name="gupta")


@pytest.fixture
def make_run(dataset, tmp_path):
    """make_run(name, **settings) -> a Search whose folder exists and has not begun."""

    def make(name="run", **settings):
        settings = {"evaluations": 4000, "workers": 1, "seed": 3, **settings}
        return Search(dataset, tmp_path / name, **settings)

    return make


@pytest.fixture
def finished(make_run, dataset):
    """finished(name, **settings) -> the Search after its driver ran in this process."""

    def run(name="run", **settings):
        search = make_run(name, **settings)
        Driver(search.folder, dataset, search.settings).run()
        search.refresh()
        return search

    return run
