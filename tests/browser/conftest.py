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


@pytest.fixture(scope="package")
def jupyter(tmp_path_factory):
    """(folder, address, token) of one JupyterLab for all modules: it takes longer to start than most tests. Searches
    in it give way to everything else."""
    import lab

    folder = tmp_path_factory.mktemp("lab")
    path = os.pathsep.join(filter(None, (str(pathlib.Path(__file__).parent / "site"), os.environ.get("PYTHONPATH"))))
    with lab.server(folder, {"SRLAB_NOTEBOOK_SECONDS": "3600", "PYTHONPATH": path}) as (address, token):
        yield folder, address, token


@pytest.fixture(scope="package")
def context():
    """One Chromium for all modules, which has loaded JupyterLab's scripts once."""
    import lab

    with lab.browser() as context:
        yield context


@pytest.fixture(scope="module")
def desk(jupyter, context, request):
    """The module's `lab.Desk`: a folder of its own; its pages, kernels and searches end with it."""
    import lab

    with lab.desk(*jupyter, request.path.stem, context) as desk:
        yield desk


@pytest.fixture(scope="session", autouse=True)
def tools():
    """Skip, with the reason, where there is no browser to drive."""
    for package in ("playwright", "jupyterlab", "anywidget"):
        pytest.importorskip(package, reason=f"{package} is not installed: pip install 'srlab[lab,test]'")
    from lab import CHROMIUM

    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine: apt-get install chromium")
