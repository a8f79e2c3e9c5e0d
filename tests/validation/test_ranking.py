"""The scorecard as a ranking, on candidates whose properties are known."""

import math

import pytest

from srlab.errors import InputError
from srlab.potentials import load_potential
from srlab.potentials.candidate import Candidate
from srlab.validation import validate
from srlab.validation.ranking import WORST, compare, misfits, rank, refitted, shortlist
from srlab.workers.pool import Died, Serial

CLERI_ROSATO = {
    "pair": f"{0.171 * 2.718281828459045**10.96!r}*exp({-10.96 / 2.5562!r}*r)",
    "density": f"exp({-4.556 / 2.5562!r}*r)",
    "embedding": f"{-(1.498176**0.5) * 2.718281828459045**2.278!r}*sqrt(rho)",
}
STIFF = {**CLERI_ROSATO, "pair": "900.0*exp(-1.5*r)"}  # repels everywhere: no crystal


def candidate(identity, formulas, loss, complexity=15):
    return Candidate(
        id=identity,
        element="Cu",
        template="eam",
        formulas=formulas,
        offset=0.0,
        cutoff=7.0,
        taper_start=5.5,
        complexity=complexity,
        n_constants=4,
        loss=loss,
        energy_mae=5.0,
        force_mae=50.0,
        test_energy_mae=None,
        test_force_mae=None,
    )


def test_the_better_physics_comes_first_and_no_crystal_is_not_ranked():
    soft = {**CLERI_ROSATO, "embedding": CLERI_ROSATO["embedding"].replace("sqrt(rho)", "rho^0.55")}
    ranked = rank(
        [candidate("soft", soft, 1.0), candidate("good", CLERI_ROSATO, 2.0), candidate("none", STIFF, 0.5)],
        load_potential("sutton-chen"),
        "eos,elastic",
    )
    assert [each.id for each in ranked] == ["good", "soft"]
    assert ranked[0].misfit < 1.0 < ranked[1].misfit
    assert (
        set(ranked[0].lost) <= set(ranked[0].behind) and "c44" not in ranked[0].behind
    )  # Sutton-Chen has 58 GPa there


@pytest.mark.slow
def test_a_cluster_judges_the_same_and_a_lost_worker_costs_nothing():
    distributed = pytest.importorskip("distributed", reason="the dask extra is not installed")
    candidates = [candidate("good", CLERI_ROSATO, 2.0), candidate("none", STIFF, 0.5)]
    (here,) = rank(candidates, load_potential("sutton-chen"), "eos")
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0") as cluster:
        (there,) = rank(candidates, load_potential("sutton-chen"), "eos", scheduler=cluster.scheduler_address)
    assert there == here


def test_a_scorecard_that_takes_its_workers_down_is_said(monkeypatch):
    """That it is tried again before is the pool's business: tests/workers/test_pool.py."""

    class Dying(Serial):
        def completed(self, timeout=0.0):
            return [(tag, Died(3)) for tag, _ in super().completed()]

    monkeypatch.setattr("srlab.validation.ranking.Serial", Dying)
    with pytest.raises(InputError, match="validated good was lost 3 times: is there enough memory"):
        rank([candidate("good", CLERI_ROSATO, 2.0)], load_potential("sutton-chen"), "eos")


def test_a_line_without_a_value_is_the_worst_one():
    card = validate(load_potential("cleri-rosato"), "elastic")
    broken = {**card, "c44": {**card["c44"], "value": None, "error": None, "score": None}}
    assert misfits(broken)["c44"] == WORST and misfits(broken)["c11"] == misfits(card)["c11"] < WORST
    found = compare(candidate("x", CLERI_ROSATO, 1.0), broken, card)
    assert found.lost == ("c44",)


def test_those_near_the_lower_edge_are_on_the_shortlist():
    forms = [{**CLERI_ROSATO, "pair": " + ".join(["900.0*exp(-3.5*r)"] * k)} for k in (1, 2, 3, 4)]
    cloud = [
        candidate(f"c{k}", form, loss, 15 + 7 * k) for k, (form, loss) in enumerate(zip(forms, (1.0, 1.1, 1.3, 0.5)))
    ]
    assert [each.id for each in shortlist(cloud)] == ["c0", "c1", "c3"]
    assert [each.id for each in shortlist(cloud, max_complexity=25)] == ["c0", "c1"]
    assert [each.id for each in shortlist(cloud, limit=2)] == ["c0", "c3"]  # the others are above a shorter one


def test_what_cannot_be_judged_is_said():
    with pytest.raises(InputError, match="search longer"):
        rank([], load_potential("sutton-chen"))

    class View:
        references, start = (), {"element": "Cu"}

    with pytest.raises(InputError, match="no refitted Sutton-Chen"):
        refitted(View)


def test_ranking_follows_the_structure_and_the_users_references(tmp_path):
    """In bcc the references of fcc do not count; with one of the user's own there is a line to be ranked by."""
    path = tmp_path / "mine.json"
    path.write_text('{"Cu": {"structure": "bcc", "c44": {"pbe": 100.0}}}')
    plain = rank([candidate("good", CLERI_ROSATO, 2.0)], load_potential("sutton-chen"), "eos", structure="bcc")
    assert plain[0].card["structure"]["value"] == "bcc" and plain[0].misfit == math.inf
    (own,) = rank(
        [candidate("good", CLERI_ROSATO, 2.0)],
        load_potential("sutton-chen"),
        "elastic",
        structure="bcc",
        references=path,
    )
    assert own.misfit == pytest.approx(abs(own.card["c44"]["value"] - 100.0) / (15.0 * 100.0 / 82.0))
    with pytest.raises(InputError, match="no structure 'omega'"):
        rank([candidate("good", CLERI_ROSATO, 2.0)], load_potential("sutton-chen"), "eos", structure="omega")
