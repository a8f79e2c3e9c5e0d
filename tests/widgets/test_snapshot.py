import io

import pytest

from srlab.runs import events
from srlab_widgets import snapshot
from srlab_widgets.fold import Fold


@pytest.fixture(scope="module")
def grown(tmp_path_factory):
    """A toy run of some 200 nodes, ended."""
    from toy_run import ToySearch

    toy = ToySearch(tmp_path_factory.mktemp("snapshot") / "run", seed=4)
    toy.begin()
    toy.grow(260)
    toy.finish()
    return toy


@pytest.fixture
def fold(grown):
    fold = Fold()
    fold.add(events.reader(grown.run / "journal.jsonl").read())
    return fold


@pytest.fixture(scope="module")
def plain(grown):
    """The picture of the run, without a validation."""
    pytest.importorskip("matplotlib")
    fold = Fold()
    fold.add(events.reader(grown.run / "journal.jsonl").read())
    return snapshot.png(fold)


def test_there_is_no_picture_of_nothing():
    assert snapshot.png(Fold()) is None
    assert "new, 0 evaluations" in snapshot.text(Fold())


def test_a_copy_stands_still_while_the_run_goes_on(grown):
    """What comes after names candidates that the copy does not have, as the best of all."""
    journal = list(events.reader(grown.run / "journal.jsonl").read())
    best = [k for k, event in enumerate(journal) if isinstance(event, events.Candidate)][8]
    fold = Fold()
    fold.add(journal[:best])
    held = snapshot.still(fold)
    before = snapshot.text(held), held.best(), len(held.plays), len(held.nodes), dict(held.settings), held.dirty
    fold.add(journal[best:])
    fold.set_tags({"c1": "mine"})
    assert len(fold.bests) > len(held.bests) and fold.best() not in held.candidates.values()
    assert before == (
        *(snapshot.text(held), held.best(), len(held.plays), len(held.nodes)),
        *(dict(held.settings), held.dirty),
    )


def test_the_text_lists_the_front(fold):
    lines = snapshot.text(fold).splitlines()
    assert len(lines) == 2 + len(fold.front)
    assert "finished" in lines[0] and "phi = " in lines[2]


def test_the_picture_is_a_png_of_the_right_size_and_not_empty(plain):
    import matplotlib.image

    assert plain[:8] == b"\x89PNG\r\n\x1a\n" and 20_000 < len(plain) < 300_000
    pixels = matplotlib.image.imread(io.BytesIO(plain), format="png")
    assert pixels.shape[1] == 1260
    left, middle, right = (pixels[40:, a:b, :3] for a, b in ((0, 420), (470, 830), (860, 1260)))
    for part in (left, middle, right):
        assert (part.min(axis=2) < 0.9).mean() > 0.005  # something is drawn in each third


def test_long_formulas_are_folded_outside_brackets():
    assert snapshot._folded("F = x + y") == ["F = x + y"]
    first, second = snapshot._folded("F = " + " + ".join(["e^{-1.5 + 2}\\,\\left(r - 2 + 1\\right)"] * 5))
    assert second.startswith("\\quad +") and all(
        line.count("{") == line.count("}") and line.count("(") == line.count(")") for line in (first, second)
    )


def test_a_formula_that_cannot_be_set_does_not_spoil_the_picture(fold):
    pytest.importorskip("matplotlib")
    for identity in fold.front:
        fold.candidates[identity]["formulas"] = {
            "pair": "not a (formula",
            "density": "exp(-r)",
            "embedding": "-sqrt(rho)",
        }
    assert snapshot.png(fold)
    assert "not a (formula" in snapshot.text(fold)


@pytest.fixture
def validated():
    """What a validator recalls, with numbers of no particular candidate."""
    x = [0.0, 0.25, 0.5, 0.75, 1.0]
    phonons = {
        "x": x,
        "branches": [[0.0, 2.0, 4.0, 2.0, 0.0]] * 3,
        "ticks": [[0.0, "Γ"], [0.5, "X"], [1.0, "U|K"]],
        "says": None,
    }
    eos = {"volume": [9.0, 11.0, 12.0, 14.0], "energy": [-3.0, -3.4, -3.5, -3.2], "says": None}
    entry = {"value": 3.62, "score": "good", "unit": "angstrom"}
    own = {
        "eos": eos,
        "phonons": phonons,
        "table": {"lattice_constant": entry, "c11": {**entry, "value": -171.0, "score": "poor"}},
    }
    return {
        "name": "c7",
        "own": own,
        "reference": {"name": "Sutton-Chen", **own},
        "data": {"volume": [9.0, 11.0, 12.0, 14.0], "energy": [-3.1, -3.4, -3.5, -3.3]},
        "measured": {
            "phonons": {"X": [5.1, 7.3]},
            "pbe_phonons": phonons,
            "table": {"lattice_constant": {"pbe": 3.63, "experiment": 3.6}},
        },
    }


def test_a_validated_candidate_is_drawn_below(fold, validated, plain):
    import matplotlib.image

    read = lambda data: matplotlib.image.imread(io.BytesIO(data), format="png")  # noqa: E731
    plain, more = read(plain), read(snapshot.png(fold, validated))
    assert more.shape[0] > 1.4 * plain.shape[0] and more.shape[1] == plain.shape[1]
    for a, b in ((0, 400), (420, 760), (780, 1260)):
        below = more[plain.shape[0] + 20 :, a:b, :3]
        assert (below.min(axis=2) < 0.9).mean() > 0.005


@pytest.mark.parametrize(
    "missing", ["phonons", "everything", *(pytest.param(part, marks=pytest.mark.slow) for part in ("eos", "table"))]
)
def test_what_was_not_computed_is_left_out(fold, validated, missing):
    pytest.importorskip("matplotlib")
    own = {key: value for key, value in validated["own"].items() if key != missing}
    validated.update(reference=None, data=None, own=own if missing != "everything" else {"error": "it has no crystal"})
    assert snapshot.png(fold, validated)


def test_two_threads_may_draw_at_once(fold, plain):
    """Formulas were missing in pictures that two searches drew at the same moment."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(2) as threads:
        assert all(drawn == plain for drawn in threads.map(lambda _: snapshot.png(fold), range(2)))
