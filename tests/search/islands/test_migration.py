"""Who is given what: the elites of others that beat what a tree knows for their length, and how a journal is folded
into what a search on islands knows of a tree."""

import pytest

from srlab.runs import events
from srlab.search.islands.migration import LAG, Elite, IslandView, migrants, planting
from srlab.search.pareto_front import loss_front
from srlab.search.proposer import parse_guess

FORMULAS = {"pair": "900.0*exp(-3.0*r)", "density": "exp(-1.9*r)", "embedding": "-20.0*sqrt(rho)"}


def elite(name, complexity, loss):
    return Elite(name, complexity, loss, FORMULAS)


def test_elites_are_below_all_shorter_ones():
    kept = loss_front(
        [elite("t0-c3", 20, 0.5), elite("t0-c1", 12, 1.0), elite("t0-c2", 15, 1.1), elite("t0-c4", 20, 0.4)]
    )
    assert [each.id for each in kept] == ["t0-c1", "t0-c4"]


def test_migrants_are_what_is_farthest_below():
    own = [elite("t0-c1", 12, 1.0), elite("t0-c2", 20, 0.5)]
    others = [
        elite("t1-c1", 12, 0.999),
        elite("t1-c2", 18, 0.4),
        elite("t2-c1", 15, 0.8),
        elite("t2-c2", 18, 0.45),
        elite("t2-c3", 30, 0.39),
    ]
    common = loss_front([*own, *others])
    assert [each.id for each in migrants(own, common, set(), 9)] == [
        "t1-c2",
        "t2-c3",
        "t2-c1",
    ]  # not t1-c1: a thousandth better is not worth it
    assert [each.id for each in migrants(own, common, {"t1-c2"}, 1)] == ["t2-c3"]
    assert migrants(own, common, set(), 0) == []
    assert [each.id for each in migrants([], [elite("t1-c1", 12, 0.0)], set(), 4)] == ["t1-c1"]


@pytest.mark.parametrize(
    "template, formulas",
    [
        ("eam", FORMULAS),
        ("pair", {"pair": FORMULAS["pair"]}),
        ("two-density", {**FORMULAS, "second_density": "exp(-2.5*r)", "embedding": "-20.0*sqrt(rho1) + 0.5*rho2"}),
    ],
)
def test_a_command_says_the_formulas_of_its_template(template, formulas):
    order = planting(Elite("t1-c2", 20, 0.1, formulas, [0.5]), template)
    model = parse_guess(order["text"], 6.0, template)
    wanted = {part: text for part, text in formulas.items() if part in model.formulas}
    assert model.formulas == wanted and order["vector"] == [0.5] and order["from"] == "t1-c2"


def candidate(name, complexity, loss):
    fields = {"id": name, "element": "Cu", "template": "eam", "formulas": FORMULAS, "offset": 0.0, "cutoff": 6.0}
    errors = {"energy_mae": 1.0, "force_mae": 2.0, "test_energy_mae": None, "test_force_mae": None}
    more = {"taper_start": 4.5, "complexity": complexity, "n_constants": 4, "loss": loss}
    return events.Candidate(candidate={**fields, **errors, **more})


def test_a_view_remembers_the_last_rounds():
    island = IslandView(1)
    for round in range(1, 9):
        node = events.Node(id=round, parent=0, depth=1, move="seed", loss=1.0 / round, playouts=1)
        node.candidate, node.vector = f"c{round}", [0.1 * round]
        status = events.Status(
            state="running", evaluations=10 * round, rate=1.0, nodes=round, candidates=round, playouts=round
        )
        for event in (candidate(f"c{round}", 20, 1.0 / round), node, status, events.Checkpoint(round=round)):
            island.apply(event)
    assert island.rounds == 8 and island.evaluations == 80 and island.playouts == 8
    assert len(island.epochs_done) == 8 and island.epochs_done[2][0].id == "t1-c3"
    for back in range(LAG + 3):
        (last,) = island.after(8 - back)
        assert last.id == f"t1-c{8 - back}" and last.vector == [0.1 * (8 - back)]
    assert island.after(9) == island.elites  # it ended before the others


def test_an_epoch_that_was_cut_short_completes_no_round():
    found = [candidate("c0", 20, 1.0), candidate("c1", 20, 0.5)]
    ends = [events.Checkpoint(round=0), events.Checkpoint(round=1), events.Checkpoint()]
    island = IslandView(0, [found[0], ends[0], found[1], ends[1], ends[2]])
    assert island.rounds == 1 and [len(each) for each in island.epochs_done] == [1, 1, 0]
