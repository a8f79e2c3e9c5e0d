"""Fixtures of the dashboard's tests: a toy run, and no browser."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
pytest.importorskip("anywidget", reason="the dashboard needs the lab extra")


@pytest.fixture
def toy(tmp_path):
    from toy_run import ToySearch

    return ToySearch(tmp_path / "run", seed=4)


@pytest.fixture
def grown(toy):
    """A toy run of some 200 nodes, ended."""
    toy.begin()
    toy.grow(260)
    toy.finish()
    return toy


@pytest.fixture
def open_dashboard():
    """Dashboards with a page played by the test: messages land in `.sent`."""
    from srlab_widgets import Dashboard

    made = []

    def make(search):
        dashboard = Dashboard(search)
        dashboard.sent, dashboard.buffers = [], []
        dashboard.send = dashboard._publisher.send = lambda message, buffers=None: (
            dashboard.sent.append(message),
            dashboard.buffers.append(buffers),
        )
        made.append(dashboard)
        return dashboard

    yield make
    for dashboard in made:
        dashboard.close()
