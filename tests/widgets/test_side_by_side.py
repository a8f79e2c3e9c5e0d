import pytest
from toy_run import ToySearch

from srlab.errors import InputError
from srlab_widgets import SideBySide, compare
from tests.waiting import wait_until


@pytest.fixture
def two(tmp_path):
    """Two toy runs that have begun, of different seeds."""
    made = [ToySearch(tmp_path / name, seed=seed) for seed, name in enumerate(("one", "other"))]
    for toy in made:
        toy.begin()
        toy.grow(60)
    return made


@pytest.fixture
def pair(two):
    """The pair with a page played by the test: messages land in `.sent`."""
    pair = SideBySide(*two, names=("A", "B"))
    pair.sent = []
    pair.send = lambda message, buffers=None: pair.sent.append(message)
    yield pair
    pair.close()


def say(pair, **message):
    pair._receive(pair, message, [])


def last(pair, kind, side=None):
    return next((m for m in reversed(pair.sent) if m["type"] == kind and m.get("side") == side), None)


def test_each_side_gets_its_own_run(pair, two):
    for side in (0, 1):
        say(pair, type="ready", side=side)
        reset = last(pair, "reset", side)
        assert len(reset["nodes"]) == len(two[side].losses)
        say(pair, type="ack", seq=reset["seq"], side=side)
    two[1].grow(20)
    wait_until(lambda: last(pair, "patch", 1))
    assert last(pair, "patch", 0) is None
    assert pair.comm is not None and all(side.comm is None for side in pair.sides)  # one model in the browser


def test_a_command_reaches_the_search_it_is_for(pair, two):
    say(pair, type="command", name="pause", side=1)
    assert [toy.state for toy in two] == ["running", "paused"]
    say(pair, type="command", name="format the disk", side=0)
    assert "takes no command" in last(pair, "notice", 0)["text"]


def test_what_differs_is_told_and_again_when_it_changes(pair, two):
    for side in (0, 1):  # which reads its journal
        say(pair, type="ready", side=side)
    assert last(pair, "differences")["texts"] == ["Same data: cu-gpaw (604 frames), same settings."]
    say(pair, type="ack", seq=last(pair, "reset", 0)["seq"], side=0)
    two[0].steer(exploration=2.5, operators=["exp", "pow"])
    wait_until(lambda: len(last(pair, "differences")["texts"]) > 1)
    assert last(pair, "differences")["texts"] == [
        "Same data: cu-gpaw (604 frames).",
        "Operators: gauss, linear, rpow, sqrt only in “B”.",
        "Exploration: 2.5 in “A”, 1 in “B”.",
    ]


def test_every_setting_that_two_searches_may_differ_in_is_told(pair, two):
    from dataclasses import fields

    from srlab.search.settings import SearchSettings

    elsewhere = {"operators", "seed", "idle_limit"}  # sentences of their own; what no search depends on
    assert {field.name for field in fields(SearchSettings)} == {*compare.WORDS, *elsewhere}
    for side in (0, 1):
        say(pair, type="ready", side=side)
    folds = [side.fold for side in pair.sides]
    for fold in folds:
        fold.settings.update(SearchSettings().to_json())
    assert len(compare.differences(folds, pair.names)) == 1
    for key in ("correlation_length", "scale", "repulsive", "convex", "costs", "own_operators", "family_weights"):
        folds[0].settings.pop(key)  # a run from before there were these
    folds[1].settings["correlation_length"] = 0.0
    assert len(compare.differences(folds, pair.names)) == 1
    folds[1].settings.update(
        focus=None, family_weights=[["eos", 2.0], ["melt", 0.5]], convex=True, targets=[["c44", 76.0, 5.0]]
    )
    assert compare.differences(folds, pair.names)[1:] == [
        "Focus of the loss (eV/atom): 0.1 in “A”, off in “B”.",
        "Weights of families: none in “A”, eos 2, melt 0.5 in “B”.",
        "Only convex embeddings: no in “A”, yes in “B”.",
        "Targets: none in “A”, c44 76 (weight 5) in “B”.",
    ]


def test_other_data_are_named_first(pair):
    for side, name in zip(pair.sides, ("mine", "yours")):
        side._publisher.tick()
        side.fold.run.update(dataset=name, fingerprint=name)
    assert compare.differences([side.fold for side in pair.sides], pair.names)[0].startswith(
        "Data: mine (604 frames) in “A”, yours (604 frames) in “B”."
    )


def test_the_selection_of_either_side_is_known_in_python(pair):
    for side in (0, 1):
        say(pair, type="ready", side=side)
    chosen = tuple(side.fold.front[0] for side in pair.sides)
    pair.selected = chosen
    assert tuple(c.id for c in pair.candidates) == chosen
    pair.selected = ("", chosen[1])
    assert pair.candidates[0] is None


def test_the_notebook_keeps_a_picture_and_the_numbers(pair, two):
    for toy in two:
        toy.finish()
    for side in pair.sides:
        side._publisher.tick()
    picture = pair._picture()
    assert picture["image/png"][:8] == b"\x89PNG\r\n\x1a\n" and 10_000 < len(picture["image/png"]) < 300_000
    lines = picture["text/plain"].splitlines()
    best = compare.best(pair.sides[0].fold, 30)
    assert best["complexity"] <= 30 and best["loss"] == min(
        c["loss"] for c in pair.sides[0].fold.candidates.values() if c["complexity"] <= 30
    )
    assert lines[2].startswith("A") and f"{best['test_force_mae']:.1f} meV/Å" in lines[2]
    assert [line for line in lines if line in ("A", "B")] == ["A", "B"]


def test_bad_input_is_refused_in_one_sentence(two, tmp_path):
    with pytest.raises(InputError, match="choose two"):
        SideBySide(two[0], two[0])
    for names in (("x",), ("x", "x"), ("", "y"), (1, 2), "ab c"):
        with pytest.raises(InputError, match="two different texts"):
            SideBySide(*two, names=names)
    with pytest.raises(InputError, match="is no run"):
        SideBySide(two[0], tmp_path / "nowhere")
    quiet = SideBySide(*two)
    assert quiet.names == ("one", "other")
    quiet.close()


def test_folders_of_the_same_name_are_told_apart():
    assert compare.folder_names("x/run", "y/run") == ["x/run", "y/run"]
