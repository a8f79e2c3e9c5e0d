"""Where the browser tests find their tools and leave their pictures."""

import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
ROOT = pathlib.Path(__file__).parents[2]


@pytest.fixture(scope="session")
def pictures():
    """Folder for screenshots: build/browser, or what SRLAB_PICTURES says."""
    folder = pathlib.Path(os.environ.get("SRLAB_PICTURES", ROOT / "build" / "browser"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session", autouse=True)
def tools():
    """Skip, with the reason, where there is no browser to drive."""
    for package in ("playwright", "jupyterlab", "anywidget"):
        pytest.importorskip(package, reason=f"{package} is not installed: pip install 'srlab[lab,test]'")
    from lab import CHROMIUM

    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine: apt-get install chromium")
