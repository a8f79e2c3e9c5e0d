"""A search decides which angular functions it needs: data of one function of rank 1, and what is found is a
potential."""

import pytest

from srlab.datasets import Dataset
from srlab.exports import export
from srlab.loading import load_potential
from srlab.search.driver import Driver
from srlab.search.search import Search
from srlab.templates import Model
from srlab.templates.adp import ADP
from tests.fitting.conftest import labelled

TRUTH = Model.parse(
    {
        "pair": "2736.0*exp(-3.541*r)",
        "density": "exp(-2.102*r)",
        "embedding": "-24.86*sqrt(rho)",
        "dipole": "2.0*exp(-1.3*r)",
    }
)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    dataset = Dataset.from_frames(labelled(TRUTH, 24, seed=5), name="dipoles")
    search = Search(
        dataset,
        tmp_path_factory.mktemp("angular") / "run",
        template="adp",
        evaluations=6000,
        workers=1,
        seed=3,
        cutoff=6.0,
        taper_start=4.5,
    )
    Driver(search.folder, dataset, search.settings).run()
    search.refresh()
    return search


def test_the_best_candidate_has_dipoles_and_shorter_ones_need_not(found):
    front = found.front
    best = min(front, key=lambda candidate: candidate.loss)
    assert "dipole" in best.formulas and best.model.template is ADP
    plain = [candidate for candidate in front if "dipole" not in candidate.formulas]
    assert plain and best.loss < 0.5 * min(candidate.loss for candidate in plain)
    for candidate in front:  # none has a function that takes no part
        potential = candidate.potential()
        for function, a, _ in potential.moments([2.0, 2.5, 3.0, 4.0]):
            assert abs(a).max() > 1e-4, function.name


def test_it_is_found_again_by_its_name_and_exported(found, tmp_path):
    best = min(found.front, key=lambda candidate: candidate.loss)
    loaded = load_potential(f"{found.folder.path}#{best.id}")
    assert loaded.formulas == best.formulas and loaded.template is ADP
    export(loaded, "json", tmp_path / "best.json")
    assert load_potential(tmp_path / "best.json").formulas == best.formulas
