"""What mybinder.org does with this repository: an environment from binder/, built in a copy of the committed files;
then every notebook, without a network."""

import os
import pathlib
import shutil
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow
ROOT = pathlib.Path(__file__).parents[2]
NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("[0-9]*.ipynb"))
OFFLINE = (
    "Could not resolve host",
    "NewConnectionError",
    "Temporary failure in name resolution",
    "Network is unreachable",
    "dns error",
    "No matching distribution found for uv",
)
# A network namespace in which there is nothing but the loopback, over which a kernel is spoken to. $0 is what runs in
# it.
CUT_OFF = ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "cut-off"]


def run(command, **options):
    return subprocess.run(command, capture_output=True, text=True, **options)


def kept():
    """Folder that SRLAB_BINDER names: the environment stays there and is used again, which saves some minutes; None
    elsewhere."""
    named = os.environ.get("SRLAB_BINDER")
    return named and pathlib.Path(named)


@pytest.fixture(scope="session")
def image(tmp_path_factory):
    """(repository, environment variables) as on Binder after the build: `bin` of a fresh environment comes first in
    PATH."""
    if shutil.which("git") is None or run(["git", "rev-parse", "HEAD"], cwd=ROOT).returncode:
        pytest.skip("this is no git checkout: what would be sent to Binder is not known")
    if shutil.which("ip") is None or run([*CUT_OFF, "true"]).returncode:
        pytest.skip("unshare -rn or ip cannot be used here: the network cannot be cut off")
    folder = kept() or tmp_path_factory.mktemp("binder")
    repository, environment = folder / "repository", folder / "environment"
    variables = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTHONPATH", "VIRTUAL_ENV", "OMP_NUM_THREADS")
    }
    variables.update(
        PATH=f"{environment / 'bin'}:{os.environ['PATH']}",
        IPYTHONDIR=str(folder / "ipython"),
        JUPYTER_RUNTIME_DIR=str(folder / "runtime"),
    )
    done = folder / "commit"
    commit = run(["git", "rev-parse", "HEAD"], cwd=ROOT).stdout.strip()
    if not (done.exists() and done.read_text() == commit):
        shutil.rmtree(repository, ignore_errors=True)
        repository.mkdir(parents=True)
        archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, capture_output=True, check=True).stdout
        subprocess.run(["tar", "-x"], cwd=repository, input=archive, check=True)
        if not environment.exists():
            subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        build(repository, environment, variables)
        done.write_text(commit)
    return repository, variables


def build(repository, environment, variables):
    """The two steps of Binder's build."""
    for command in (
        [environment / "bin" / "python", "-m", "pip", "install", "--quiet", "-r", "binder/requirements.txt"],
        ["bash", "binder/postBuild"],
    ):
        result = run(command, cwd=repository, env=variables, timeout=3000)
        if result.returncode and any(word in result.stderr for word in OFFLINE):
            pytest.skip("no package registry can be reached: Binder's environment cannot be built here")
        assert result.returncode == 0, f"{command[-1]} failed:\n{result.stdout[-2000:]}\n{result.stderr[-3000:]}"


def test_the_environment_is_complete(image):
    repository, variables = image
    result = run(
        ["python", "-c", "import srlab, srlab_widgets, torch; print(srlab.__file__); print(torch.version.cuda)"],
        cwd=repository.parent,
        env=variables,
    )
    assert result.returncode == 0, result.stderr
    where, cuda = result.stdout.split()
    assert where.startswith(str(repository)), "srlab is not the repository's"
    assert shutil.which("jupyter-lab", path=variables["PATH"]).startswith(str(repository.parent)), (
        "Binder starts JupyterLab itself: it has to be in the environment"
    )
    assert cuda == "None" or os.environ.get("CI") is None, "two gigabytes of CUDA on a machine without a GPU"


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_without_a_network(image, name, tmp_path):
    repository, variables = image
    script = """
import sys, nbclient, nbformat
notebook = nbformat.read(sys.argv[1], as_version=4)
nbclient.NotebookClient(notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": sys.argv[2]}}).execute()
bad = [o for c in notebook.cells for o in c.get("outputs", []) if o.output_type == "error" or o.output_type == "stream" and o.name == "stderr"]
sys.exit("".join(str(o) for o in bad)[:2000] if bad else 0)
"""
    command = [*CUT_OFF, "python", "-c", script, repository / "notebooks" / name, tmp_path]
    result = run(command, cwd=tmp_path, env={**variables, "SRLAB_NOTEBOOK_SECONDS": "15"}, timeout=900)
    assert result.returncode == 0, result.stderr[-3000:]


def test_the_dashboard_lives_without_a_network(image, tmp_path):
    """Notebook 01 in a real browser, in a namespace where only the loopback is up: nothing of the page comes from
    elsewhere."""
    pytest.importorskip("playwright")
    repository, _ = image
    tests = [
        "tests/browser/test_live_search.py::test_tree_and_front_grow",
        "tests/browser/test_live_search.py::test_the_console_is_clean",
    ]
    variables = {**os.environ, "PYTHONPATH": f"{repository}:{repository / 'widgets'}", "SRLAB_PICTURES": str(tmp_path)}
    result = run([*CUT_OFF, sys.executable, "-m", "pytest", "-q", *tests], cwd=repository, env=variables, timeout=600)
    if "2 skipped" in result.stdout:
        pytest.skip(result.stdout.strip().splitlines()[-1])
    assert result.returncode == 0, result.stdout[-3000:]
