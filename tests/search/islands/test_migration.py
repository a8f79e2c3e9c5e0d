"""Who is given what: the elites of others that beat what a tree knows for their length, and how a journal is folded into what a forest knows of a tree."""

import pytest

from srlab.search.guess import parse_guess
from srlab.search.islands.migration import LAG, Elite, TreeRecord, command, gifts
from srlab.search.staircase import steps

FORMULAS = {"pair": "900.0*exp(-3.0*r)", "density": "exp(-1.9*r)", "embedding": "-20.0*sqrt(rho)"}


def elite(name, complexity, loss):
    return Elite(name, complexity, loss, FORMULAS)


def test_steps_are_below_all_shorter_ones():
    kept = steps([elite("t0-c3", 20, 0.5), elite("t0-c1", 12, 1.0), elite("t0-c2", 15, 1.1), elite("t0-c4", 20, 0.4)])
    assert [each.id for each in kept] == ["t0-c1", "t0-c4"]


def test_gifts_are_what_is_farthest_below():
    own = [elite("t0-c1", 12, 1.0), elite("t0-c2", 20, 0.5)]
    others = [
        elite("t1-c1", 12, 0.999),
        elite("t1-c2", 18, 0.4),
        elite("t2-c1", 15, 0.8),
        elite("t2-c2", 18, 0.45),
        elite("t2-c3", 30, 0.39),
    ]
    common = steps([*own, *others])
    assert [each.id for each in gifts(own, common, set(), 9)] == [
        "t1-c2",
        "t2-c3",
        "t2-c1",
    ]  # not t1-c1: a thousandth better is not worth it
    assert [each.id for each in gifts(own, common, {"t1-c2"}, 1)] == ["t2-c3"]
    assert gifts(own, common, set(), 0) == []
    assert [each.id for each in gifts([], [elite("t1-c1", 12, 0.0)], set(), 4)] == ["t1-c1"]


@pytest.mark.parametrize(
    "template, formulas",
    [
        ("eam", FORMULAS),
        ("pair", {**FORMULAS, "density": "0", "embedding": "0"}),
        ("two-density", {**FORMULAS, "second_density": "exp(-2.5*r)", "embedding": "-20.0*sqrt(rho1) + 0.5*rho2"}),
    ],
)
def test_a_command_says_the_formulas_of_its_template(template, formulas):
    order = command(Elite("t1-c2", 20, 0.1, formulas, [0.5]), template)
    model = parse_guess(order["text"], 6.0, template)
    assert (
        all(model.formulas[part] == text for part, text in formulas.items())
        and order["vector"] == [0.5]
        and order["from"] == "t1-c2"
    )


def candidate(name, complexity, loss):
    return {
        "event": "candidate",
        "candidate": {"id": name, "complexity": complexity, "loss": loss, "formulas": FORMULAS},
    }


def test_a_record_remembers_the_last_rounds():
    record = TreeRecord(1)
    for round in range(1, 9):
        for event in (
            candidate(f"c{round}", 20, 1.0 / round),
            {"event": "node", "candidate": f"c{round}", "vector": [0.1 * round]},
            {"event": "status", "evaluations": 10 * round, "playouts": round},
            {"event": "checkpoint", "round": round},
        ):
            record.apply(event)
    assert (
        record.rounds == 8
        and record.evaluations == 80
        and len(record.stretches) == 8
        and record.stretches[2][0]["id"] == "t1-c3"
    )
    for back in range(LAG + 3):
        (last,) = record.after(8 - back)
        assert last.id == f"t1-c{8 - back}" and last.vector == [0.1 * (8 - back)]
    assert record.after(9) == record.steps  # it ended before the others


def test_a_stretch_that_was_cut_short_completes_no_round():
    record = TreeRecord(
        0,
        [
            candidate("c0", 20, 1.0),
            {"event": "checkpoint", "round": 0},
            candidate("c1", 20, 0.5),
            {"event": "checkpoint", "round": 1},
            {"event": "checkpoint"},
        ],
    )
    assert record.rounds == 1 and [len(each) for each in record.stretches] == [1, 1, 0]
