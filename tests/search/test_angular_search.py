"""A search decides which angular functions it needs: data of one function of rank 1, and what is found is a
potential."""

import numpy as np
import pytest

from srlab.datasets import Dataset
from srlab.exports import export
from srlab.fitting.varpro import refine
from srlab.loading import load_potential
from srlab.search.driver import Driver
from srlab.search.playout import Addition, Evaluator, Task
from srlab.search.proposer import Proposer
from srlab.search.search import Search
from srlab.search.settings import SearchSettings
from srlab.templates import Model
from srlab.templates.adp import ADP
from tests.fitting.conftest import labelled

pytestmark = pytest.mark.usefixtures("no_references")

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
        evaluations=3000,
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


def test_a_second_term_of_an_angular_function_starts_beside_the_first_as_it_is():
    """What a fit does not solve for has to be there from the start: the loss falls by what was promised, unfitted."""
    truth = Model.parse({**TRUTH.formulas, "dipole": "60.0*exp(-2.3*r) - 0.05*exp(-1.1*(r - 3.3)^2)"})
    dataset = Dataset.from_frames(labelled(truth, 24, seed=6), name="dipoles of two terms")
    settings = SearchSettings(template="adp", cutoff=6.0, taper_start=4.5)
    evaluator, proposer = Evaluator(dataset, settings), Proposer(settings)
    network, rng = proposer.network, np.random.default_rng(0)
    vector, wanted = np.full(network.size, 0.5), {("dipole", "exp"), ("embedding", "sqrt")}
    for part, slot, position in network.slots:
        if (part, slot.term.group) in wanted or (slot.term.group, slot.start) == ("exp", 0) and part != "quadrupole":
            network.switch_on(vector, slot, position, rng)
    one_term = {**TRUTH.formulas, "dipole": "60.0*exp(-2.3*r)"}
    before = refine(evaluator.train, Model.parse(one_term, template=ADP), 0)
    vector = network.absorb(vector, before.model)
    grown = vector.copy()
    (slot, position), *_ = [(s, p) for part, s, p in network.slots if (part, s.term.group) == ("dipole", "gauss")]
    network.switch_on(grown, slot, position, rng)
    least, most = np.array(slot.term.least), np.array(slot.term.most)
    grown[position + 1 : position + 3] = (np.array([-1.1, -3.3]) - least) / (most - least)
    term, place = network.term(grown, "dipole", slot)
    addition = Addition("dipole", term, place, 3, np.inf, Task(network.formulas(grown)))
    _, task = evaluator.grown(Task(before.model.formulas, before.model.offset, additions=(addition,)))
    after = refine(evaluator.train, Model.parse(task.formulas, task.offset, ADP), 0)
    assert after.loss < 0.3 * before.loss
    coefficients = after.model.dipole.constants[sorted(after.model.dipole.linear)]
    assert -4.0 < coefficients[1] / coefficients[0] * 60.0 / 0.05 < -0.25
