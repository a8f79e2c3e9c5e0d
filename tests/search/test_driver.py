"""The search finds what the data hold, repeats itself, obeys, and resumes."""

import json
import time
from types import SimpleNamespace

import numpy as np
import pytest
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator

from srlab.datasets import Dataset
from srlab.errors import InputError
from srlab.potentials.candidate import Candidate
from srlab.potentials.convexity import embedding_is_convex
from srlab.runs import commands as steering
from srlab.runs import events
from srlab.runs.journal import JournalReader
from srlab.search.driver import Driver
from srlab.search.pareto_front import dominates, objectives
from srlab.search.playout import EXACT, Evaluator, Task, make_objective, why_idle
from srlab.search.search import Search
from srlab.search.settings import SearchSettings
from srlab.search.worker import continue_run
from srlab.templates import Model
from srlab.workers.pool import Serial
from tests.fitting.conftest import TRUTH, labelled
from tests.waiting import search_until


def texts(search):
    return json.dumps([candidate.summary() for candidate in search.front])


def test_the_form_behind_the_data_is_found(make_run, dataset):
    search = search_until(
        make_run(evaluations=12000), dataset, lambda c: c["test_energy_mae"] < 0.5 and c["test_force_mae"] < 5.0
    )
    best = min(search.front, key=lambda candidate: candidate.force_mae)
    assert best.test_energy_mae < 0.5 and best.test_force_mae < 5.0
    references = {event["name"]: event for event in search.view.references}
    assert references["Cleri-Rosato"]["test_force_mae"] < 0.5 < references["Sutton-Chen"]["test_force_mae"]


def test_same_seed_same_evaluations_same_front(plain, finished):
    again, other = finished("again"), finished("other", seed=4)
    assert texts(plain) == texts(again) != texts(other)


def test_the_front_is_not_dominated_and_within_limits(finished):
    search = finished(max_complexity=24)
    front = search.front
    assert len(front) >= 2 and max(candidate.complexity for candidate in front) <= 24
    assert not any(dominates(objectives(a), objectives(b)) for a in front for b in front)
    assert {c.move for c in search.candidates.values()} - {"seed"}


def test_a_node_says_why_its_parent_was_selected(plain):
    nodes = plain.view.nodes.values()
    told = [node for node in nodes if node.get("explore") is not None]
    assert told and all(-1.0001 <= node["score"] - node["explore"] <= 0.0001 for node in told)  # minus the rank
    assert not any(node.get("explore") is not None for node in nodes if node["move"] in ("root", "seed", "refine"))


def test_a_tight_limit_still_finds_formulas(finished):
    search = finished(max_complexity=13, evaluations=1500)
    assert search.front and max(candidate.complexity for candidate in search.candidates.values()) <= 13


def test_only_allowed_operators_appear(finished):
    search = finished(operators=("exp", "sqrt"))
    assert search.front
    for candidate in search.candidates.values():
        model = candidate.model
        assert model.pair.operators | model.density.operators <= {"exp", "mul", "add"}
        assert model.embedding.operators <= {"sqrt", "mul", "add"}


def test_the_time_of_a_search_begins_with_its_first_playout(dataset, make_run, monkeypatch):
    """Workers that take minutes to start, as where they compile first, take nothing from it."""
    ahead = 0.0

    def slow(*arguments):
        nonlocal ahead
        ahead += 1000.0
        return Evaluator(*arguments)

    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + ahead)
    monkeypatch.setattr("srlab.search.lifecycle.time", clock)
    search, told = make_run("slow", seconds=500.0, evaluations=60), []
    Driver(search.folder, dataset, search.settings, watch=told.append, evaluator=slow).run()
    said = [event for event in told if isinstance(event, events.Status)]
    assert said[0].message.startswith("Starting the workers") and said[-1].message == ""
    assert ahead == 1000.0 and said[-1].evaluations >= 60 and said[-1].t < 500.0


def test_the_test_split_is_never_used(dataset, plain, make_run):
    """A search whose test labels are nonsense makes the same front, test errors apart."""
    from dataclasses import replace

    spoiled = replace(dataset, frames=[f.copy() for f in dataset.frames])
    for k, (atoms, source) in enumerate(zip(spoiled.frames, dataset.frames)):
        factor = 1.0 if k in set(dataset.train_indices) else -7.0
        from ase.calculators.singlepoint import SinglePointCalculator

        atoms.calc = SinglePointCalculator(
            atoms, energy=factor * source.get_potential_energy(), forces=factor * source.get_forces()
        )
    second = make_run("spoiled")
    Driver(second.folder, spoiled, second.settings).run()
    second.refresh()
    assert [c.formulas for c in plain.front] == [c.formulas for c in second.front]
    assert plain.front[0].test_force_mae != second.front[0].test_force_mae


def test_a_run_goes_on_from_its_journal(finished, dataset):
    search = finished(evaluations=1500)
    before = {objectives(c) for c in search.front}
    journal = search.folder.journal.read_bytes()
    search.folder.journal.write_bytes(journal[: int(0.8 * len(journal))])  # killed in the middle of a line
    kept = Search.attach(search.run)
    at_kill = [objectives(c) for c in kept.front]
    continue_run(search.run, budget={"evaluations": 2500})
    resumed = Search.attach(search.run)
    assert resumed.state == "finished" and resumed.view.status["evaluations"] >= 2500
    after = [objectives(c) for c in resumed.front]
    for point in at_kill:
        assert any(p == point or dominates(p, point) for p in after)
    assert len(resumed.view.nodes) > len(kept.view.nodes)
    assert list(resumed.view.nodes) == list(range(len(resumed.view.nodes)))
    assert before


def test_published_forms_come_while_it_searches_each_once(finished):
    """The tree does not wait for them, and a run that was killed between two of them gets those it lacks."""
    search = finished(evaluations=1200)
    kinds = [event.kind for event in search.folder.events()]
    assert kinds.index("node") < kinds.index("reference")
    references = {event["name"]: event for event in search.view.references}
    assert len(references) == kinds.count("reference") == 3
    lines = search.folder.journal.read_bytes().splitlines(keepends=True)
    second = [k for k, line in enumerate(lines) if b'"reference"' in line][1]
    search.folder.journal.write_bytes(b"".join(lines[:second]))
    continue_run(search.run, budget={"evaluations": 1200})
    again = Search.attach(search.run).view.references
    assert len(again) == 3  # fitted to what the folder keeps of the data, rounded to 1e-8
    for event in again:
        assert event["force_mae"] == pytest.approx(references[event["name"]]["force_mae"], rel=0.01, abs=0.01)


def test_a_spent_budget_is_said(finished):
    search = finished(evaluations=300)
    with pytest.raises(InputError, match="spent its budget"):
        continue_run(search.run)


def test_killed_after_the_last_evaluation_it_can_still_come_to_its_end(finished):
    search = finished(evaluations=300)
    lines = search.folder.journal.read_bytes().splitlines(keepends=True)
    last = max(k for k, line in enumerate(lines) if b'"event":"candidate"' in line)
    kept = [line for line in lines[: last + 1] if b'"event":"reference"' not in line]
    said = json.dumps({"event": "status", "t": 1.0, "state": "running", "evaluations": 300, "playouts": 9})
    search.folder.journal.write_bytes(b"".join(kept) + said.encode() + b"\n")
    killed = Search.attach(search.run)
    assert killed.state == "died" and killed.view.references == []
    continue_run(search.run)
    again = Search.attach(search.run)
    assert again.state == "finished" and len(again.view.references) == 3
    assert list(again.candidates) == list(killed.candidates)


def test_commands_are_obeyed_and_bad_ones_are_said(make_run, dataset):
    search = make_run()
    steering.send(search.run, "set", operators=["exp", "sqrt", "linear"], max_complexity=30, exploration=0.4)
    steering.send(search.run, "inject", text="phi = 900.0*exp(-3.0*r); f = exp(-1.9*r); F = -20.0*rho^0.45")
    steering.send(search.run, "inject", text="phi = 1.0/(r - 3.0); f = exp(-1.9*r); F = -20.0*sqrt(rho)")
    steering.send(search.run, "set", operators=["sinh"])
    steering.send(search.run, "boost", node=99999)
    Driver(search.folder, dataset, search.settings).run()
    search.refresh()
    assert search.view.settings["exploration"] == 0.4
    injected = [c for c in search.candidates.values() if c.move == "inject"]
    assert injected and "rho^" in injected[0].formulas["embedding"]
    assert any("unknown operator 'sinh'" in message for message in search.view.errors)
    assert any("no node 99999" in message for message in search.view.errors)
    assert any("pole" in message and "r = 3" in message for message in search.view.errors)
    assert [
        event["command"]["name"] for event in JournalReader(search.folder.journal).read() if event["event"] == "command"
    ] == ["set", "inject"]


def test_what_holds_the_data_exactly_loses_the_terms_it_does_not_need(make_run, dataset):
    """A start with two terms too many: nothing is gained by leaving them out but length, and it is done at once."""
    terms = [("pair", "exp"), ("pair", "pow"), ("density", "exp"), ("embedding", "sqrt"), ("embedding", "linear")]
    longer = {
        "pair": "2736.0*exp(-3.541*r) + 1e-7*r^(-4.0)",
        "density": "exp(-2.102*r)",
        "embedding": "-24.86*sqrt(rho) + 1e-9*rho",
    }
    search = make_run(evaluations=1500)
    driver = Driver(search.folder, dataset, search.settings)
    network, rng = driver.proposer.network, np.random.default_rng(0)
    model, vector, on = Model.parse(longer), np.full(driver.proposer.network.size, 0.5), []
    for part, slot, position in network.slots:
        if (part, slot.term.group) in terms and (part, slot.term.group) not in on:
            network.switch_on(vector, slot, position, rng)
            on.append((part, slot.term.group))
    text = "; ".join(f"{name} = {text}" for name, text in zip(("phi", "f", "F"), longer.values()))
    driver.proposer.inject({"text": text, "vector": network.absorb(vector, model).tolist()}, search.settings)
    assert driver.proposer.queue[0].vector is not None
    driver.run()
    search.refresh()
    moves = [candidate.move for candidate in search.candidates.values()]
    found = min(search.front, key=lambda candidate: candidate.complexity if candidate.loss < EXACT else np.inf)
    assert moves[:2] == ["inject", "prune"] and found.structure == TRUTH.structure and found.loss < EXACT


def test_a_command_with_a_number_that_no_journal_can_hold_is_refused_whole(make_run, dataset):
    """A file of commands may have been written by hand; the search that reads it must not die of it. Found by
    fuzzing."""
    search = make_run(evaluations=300)
    search.folder.commands.write_text('{"name": "pause", "node": NaN}\n{"name": "boost", "node": 0, "x": [1e999]}\n')
    Driver(search.folder, dataset, search.settings).run()
    search.refresh()
    assert search.state == "finished"
    assert [message.split(":")[0] for message in search.view.errors] == [
        "the command 'pause' holds a number that is not finite",
        "the command 'boost' holds a number that is not finite",
    ]


def test_a_boosted_subtree_gets_more_visits(finished, make_run, dataset):
    search = finished("first", evaluations=2500)
    node = max((n for n in search.view.nodes.values() if n["parent"] == 0), key=lambda n: n["loss"])["id"]
    shares = []
    for name, flag in (("boosted", True), ("plain", False)):
        again = make_run(name, evaluations=4500)
        again.folder.writer().append(*search.folder.events()[1:-1])
        again.refresh()
        driver = Driver(again.folder, dataset, again.settings, again.view)
        if flag:
            driver.tree.nodes[node].flag = "boost"
        before = driver.tree.nodes[node].visits
        driver.run()
        shares.append(driver.tree.nodes[node].visits - before)
    assert shares[0] > shares[1]


class Late(Serial):
    """Returns each playout one turn late, as other processes do."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.capacity = 2

    def completed(self, timeout=0.0):
        done, self._done = self._done[:1], self._done[1:]
        return done


@pytest.fixture
def late(monkeypatch):
    """Searches of this process have a playout under way while they go on."""
    monkeypatch.setattr(Driver, "_open_pool", lambda driver: Late(driver.evaluator, driver.dataset, driver.settings))


def test_a_pause_lets_what_is_under_way_end_and_says_when_it_has(make_run, dataset, late):
    search, said = make_run(), []

    def at_rest(said):
        return [k for k, event in enumerate(said) if event.kind == "status" and event.state == "paused"]

    def watch(event):
        said.append(event)
        if isinstance(event, events.Node) and event.id == 3:
            steering.send(search.run, "pause")
        if len(at_rest(said)) == 4 and event.kind == "status":
            steering.send(search.run, "stop")

    Driver(search.folder, dataset, search.settings, watch=watch).run()
    assert any(event.kind == "status" and event.state == "running" and event.pending > 0 for event in said)
    told, _, _, last = at_rest(said)[:4]
    ended = next(k for k in at_rest(said) if said[k].pending == 0)
    assert said[told].pending > 0 and said[told].playouts == said[last].playouts
    assert [event.kind for event in said[ended:last]] == ["status"] * (last - ended) != []


def test_a_typed_formula_whose_refinement_is_refused_is_tried_as_it_is_typed(dataset):
    """The data have no use for its second term, which a fit turns into one that only the taper holds."""
    evaluator = Evaluator(dataset, SearchSettings(correlation_length=0.0))
    formulas = {"pair": "2700.0*exp(-3.5*r) + 0.5*r^(-3.0)", "density": "exp(-2.1*r)", "embedding": "-24.0*sqrt(rho)"}
    found = evaluator(Task(formulas, thorough=True))
    assert "grows beyond" in found.rejected and found.errors is None
    kept = evaluator(Task(formulas, thorough=True, typed=True))
    assert not kept.rejected and kept.errors and np.isfinite(kept.loss)
    assert "exp(-3.5*r)" in kept.formulas["pair"] and "r^(-3.0)" in kept.formulas["pair"]
    pole = {**formulas, "pair": "2700.0*exp(-3.5*r) + 0.5/(r - 3.0)"}
    assert evaluator(Task(pole, typed=True)).rejected  # with which it is no better as it is typed


def test_operators_change_while_playouts_are_under_way(make_run, dataset, late):
    search = make_run()
    sets, playouts = (
        [("exp", "rpow", "sqrt"), ("exp", "pow", "gauss", "sqrt", "log"), ("pow", "gauss", "linear", "square")],
        [],
    )

    def change(event):
        if isinstance(event, (events.Node, events.Visit)):
            playouts.append(event)
            if len(playouts) % 5 == 0 and sets:
                steering.send(search.run, "set", operators=list(sets.pop(0)))

    driver = Driver(search.folder, dataset, search.settings, watch=change)
    driver.run()
    assert sets == [] and driver.state == "finished"
    size = driver.proposer.network.size
    assert all(node.vector is None or len(node.vector) == size for node in driver.tree.nodes)


@pytest.mark.parametrize(
    ("under_way", "changes"),
    [
        (False, {"force_weight": 0.0, "energy_weight": 2.0}),
        (True, {"focus": 0.02}),
        (False, {"correlation_length": 0.05}),
        (False, {"focus": None, "stress_weight": 0.2, "family_weights": [["all", 2.0]]}),
    ],
)
def test_weights_change_while_it_runs(make_run, dataset, under_way, changes, request):
    if under_way:
        request.getfixturevalue("late")
    search = make_run(evaluations=4000)

    def steer(event):
        if isinstance(event, events.Node) and event.id == 8:
            steering.send(search.run, "set", **changes)
        if isinstance(event, events.Node) and event.id == 12:
            steering.send(search.run, "stop")

    driver = Driver(search.folder, dataset, search.settings, watch=steer)
    driver.run()
    search.refresh()
    assert {name: search.view.settings[name] for name in changes} == changes
    assert driver.settings == search.settings.steered(changes) != search.settings
    node = next(n for n in driver.tree.nodes if n.id == 3)
    objective = make_objective(dataset, dataset.train, driver.settings)
    assert node.loss == pytest.approx(objective.losses([Model.parse(node.formulas)])[0], rel=1e-6)
    assert search.view.nodes[3]["loss"] == pytest.approx(node.loss)
    again = Driver(search.folder, dataset, search.settings, search.view)
    assert again.tree.nodes[3].loss == pytest.approx(node.loss)
    assert len(search.view.nodes) > 9


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"operators": ("exp", "sinh")}, "unknown operator 'sinh'"),
        ({"max_complexity": 5}, "max_complexity"),
        ({"cutoff": 60.0}, "cutoff must lie"),
        ({"taper_start": 7.0}, "taper must start below"),
        ({"seconds": -1.0}, "seconds must be above zero"),
        ({"workers": 0}, "workers"),
        ({"force_weight": 0.0, "energy_weight": 0.0}, "weights"),
        ({"focus": 0.0}, "focus must be above zero"),
        ({"focus": -0.1}, "focus must be above zero"),
        ({"focus": float("nan")}, "focus must be"),
        ({"family_weights": {"eos": -1.0}}, "family eos"),
        ({"template": "meam"}, "template"),
        ({"exploration": -1.0}, "exploration"),
    ],
)
def test_settings_are_checked(settings, words):
    with pytest.raises(InputError, match=words):
        SearchSettings(**settings)


def test_an_infinite_focus_is_none_and_old_runs_had_none():
    assert SearchSettings(focus=float("inf")) == SearchSettings(focus=None) != SearchSettings()
    old = {name: value for name, value in SearchSettings().to_json().items() if name != "focus"}
    assert SearchSettings.from_json(old).focus is None


def test_errors_are_shared_where_there_is_a_focus_unless_it_is_said_and_were_not_in_old_runs():
    assert SearchSettings().correlation_length == SearchSettings(focus=0.3).correlation_length > 0.0
    assert (
        SearchSettings(focus=None).correlation_length == SearchSettings(correlation_length=0).correlation_length == 0.0
    )
    assert SearchSettings(focus=None, correlation_length=0.05).correlation_length == 0.05
    steered = SearchSettings().steered({"focus": None, "correlation_length": 0.0})
    assert (steered.focus, steered.correlation_length) == (None, 0.0)
    old = {name: value for name, value in SearchSettings().to_json().items() if name != "correlation_length"}
    assert SearchSettings.from_json(old).correlation_length == 0.0
    with pytest.raises(InputError, match="the correlation length must be zero"):
        SearchSettings(correlation_length=-0.1)


def test_weights_that_the_data_do_not_carry_are_refused(make_run, dataset, tmp_path):
    for settings, words in [
        ({"family_weights": {"eso": 2.0}}, "gupta has no family 'eso'"),
        ({"family_weights": {"all": 0.0}}, "every frame has a weight of zero"),
    ]:
        with pytest.raises(InputError, match=words):
            make_run(**settings)
    assert not (tmp_path / "run").exists()
    frames = [frame.copy() for frame in dataset.frames]
    for frame, original in zip(frames, dataset.frames):
        labels = {name: original.calc.results[name] for name in ("energy", "forces")}
        frame.calc = SinglePointCalculator(frame, **labels)
    with pytest.raises(InputError, match="no stress on any training frame"):
        Search(Dataset.from_frames(frames), tmp_path / "run", stress_weight=0.1)


def test_near_and_far_are_the_parts_of_all(make_run, dataset):
    search = make_run(evaluations=1000, focus=0.05)
    driver = Driver(search.folder, dataset, search.settings)
    driver.run()
    best = min(driver.front, key=lambda candidate: candidate.loss)
    near = dataset.near_equilibrium(dataset.train)
    assert 0 < near.sum() < len(near)
    mean = np.average([best.near_energy_mae, best.far_energy_mae], weights=[near.sum(), (~near).sum()])
    assert best.energy_mae == pytest.approx(mean)
    shown = best.summary()
    assert (shown["near_force_mae"], shown["far_energy_mae"]) == (best.test_near_force_mae, best.test_far_energy_mae)
    old = {name: value for name, value in best.to_json().items() if "near" not in name and "far" not in name}
    assert Candidate.from_json(old).near_energy_mae is None


def test_settings_travel_as_json():
    settings = SearchSettings(operators=("exp", "sqrt"), seconds=3.0, focus=0.2, family_weights={"eos": 2})
    assert SearchSettings.from_json(json.loads(json.dumps(settings.to_json()))) == settings
    with pytest.raises(InputError, match="cannot be changed while the search runs"):
        settings.steered({"cutoff": 5.0})


def test_latin_hypercube_has_one_point_in_every_slice():
    from srlab.search.proposer import latin_hypercube

    points = np.array(latin_hypercube(8, 5, np.random.default_rng(0)))
    assert (np.sort((points * 8).astype(int), axis=0) == np.arange(8)[:, None]).all()


def test_targets_steered_in_change_every_loss(make_run, dataset):
    search = make_run(evaluations=None, seconds=1e6)
    steered = []

    def watch(event):
        if isinstance(event, events.Candidate) and not steered and len(driver.best_of_structure) > 5:
            steered.append(True)
            steering.send(search.run, "set", targets=[["c44", 70.0, 5.0]])
        if isinstance(event, events.Command):
            steered.append(driver.settings.targets)
            driver.stop_reason = "stopped"

    driver = Driver(search.folder, dataset, search.settings, watch=watch)
    driver.run()
    search.refresh()
    assert steered[-1] == (("c44", 70.0, 5.0),)
    objective = make_objective(dataset, dataset.train, driver.settings, targets=driver.settings.targets)
    for candidate in [*driver.best_of_structure.values(), *search.front]:
        assert candidate.loss == pytest.approx(float(objective.losses([candidate.model])[0]), rel=1e-6)


def test_when_time_is_up_no_form_is_refitted_and_no_playout_waited_for(make_run, dataset, monkeypatch):
    """On large data one of either may take longer than the whole search should."""
    search, ended = make_run(evaluations=None, seconds=0.1), []

    class Endless(Serial):
        """Playouts that never come back."""

        @property
        def pending(self):
            return 0 if ended else 1

        def completed(self, timeout=0.0):
            return []

        def kill(self):
            ended.append(True)

    monkeypatch.setattr(Driver, "_open_pool", lambda driver: Endless(driver.evaluator, driver.dataset, driver.settings))
    monkeypatch.setattr("srlab.search.driver.GRACE", 0.0)
    monkeypatch.setattr("srlab.search.lifecycle.START_LIMIT", 0.0)  # or they would be waited for as if they began
    Driver(search.folder, dataset, search.settings).run()
    search.refresh()
    assert ended == [True] and search.state == "finished"
    again = make_run("again", evaluations=None, seconds=1e-6)
    Driver(again.folder, dataset, again.settings).run()
    again.refresh()
    assert len(again.view.references) <= 1  # of those beside the first moves


def test_atoms_without_neighbours_are_frames_like_others(tmp_path):
    frames = labelled(TRUTH, 16, seed=5)
    for _ in range(6):  # so that some are training and some are test frames, whatever the split
        far = Atoms("Cu2", [[0.0, 0.0, 0.0], [0.0, 0.0, 9.0]])
        far.calc = SinglePointCalculator(far, energy=0.0, forces=np.zeros((2, 3)))
        frames.append(far)
    dataset = Dataset.from_frames(frames, name="with far atoms")
    search = Search(dataset, tmp_path / "run", evaluations=1500, workers=1, focus=None)
    driver = Driver(search.folder, dataset, search.settings)
    driver.run()
    assert driver.state == "finished" and len(driver.front) > 0
    best = min(driver.front, key=lambda candidate: candidate.loss)
    assert best.loss < 1.0 and best.test_energy_mae < 500.0


def test_no_number_that_is_not_finite_is_ever_written(dataset, monkeypatch):
    evaluator = Evaluator(dataset, SearchSettings())
    task = Task(TRUTH.formulas)
    assert not evaluator(task).rejected
    monkeypatch.setattr(evaluator, "errors", lambda model: {"energy_mae": 1.0, "test_energy_mae": float("nan")})
    outcome = evaluator(task)
    assert "no finite energy or force" in outcome.rejected and outcome.errors is None


def test_few_frames_with_stress_are_enough():
    frames = labelled(TRUTH, 60, seed=5)
    energies = np.array([atoms.get_potential_energy() / len(atoms) for atoms in frames])
    for k in np.argsort(energies)[1:]:  # the lowest alone keeps its stress
        frames[k].calc.results.pop("stress")
    dataset = Dataset.from_frames(frames, split="all")
    evaluator = Evaluator(dataset, SearchSettings(stress_weight=0.2))
    assert evaluator.coarse is None and evaluator.train.has_stress.sum() == 1
    assert Evaluator(dataset, SearchSettings()).coarse.n_frames == 20


def test_shapes_that_were_asked_for_are_kept(dataset, tmp_path):
    dented = {**TRUTH.formulas, "pair": f"{TRUTH.formulas['pair']} - 0.6*exp(-30*(r - 2.2)^2)"}
    bent = {**TRUTH.formulas, "embedding": "-24.86*sqrt(rho) - 2000.0*rho^2"}
    plain, strict = (Evaluator(dataset, SearchSettings(repulsive=on, convex=on)) for on in (False, True))
    for formulas, said in ((dented, "does not repel at r = 2."), (bent, "is not convex")):
        model = Model.parse(formulas)
        assert plain.why_misshapen(model) == "" and said in strict.why_misshapen(model)
    assert strict.why_misshapen(Model.parse(TRUTH.formulas)) == ""
    search = Search(dataset, tmp_path / "run", evaluations=1500, workers=1, repulsive=True, convex=True)
    driver = Driver(search.folder, dataset, Search.attach(tmp_path / "run").settings)
    driver.run()
    found = list(driver.best_of_structure.values())
    assert len(found) > 3 and all(strict.why_misshapen(candidate.model) == "" for candidate in found)
    assert all(embedding_is_convex(candidate.potential()) is not False for candidate in found)


def test_a_model_whose_crystal_collapses_is_no_candidate(dataset, monkeypatch):
    """A well two thirds of the way in, which no frame of the data reaches: the loss does not see it."""
    evaluator = Evaluator(dataset, SearchSettings())
    sound = Model.parse(TRUTH.formulas)
    holed = Model.parse({**TRUTH.formulas, "pair": f"{TRUTH.formulas['pair']} - 4*exp(-40*(r - 1.75)^2)"})
    assert evaluator.why_collapsing(sound) == ""
    assert "compressed " in evaluator.why_collapsing(holed)
    monkeypatch.setattr(evaluator, "refined", lambda task: (holed, 0.1, "", None))
    assert "falls below the crystal" in evaluator(Task(holed.formulas)).rejected
    # what does not come near the front is not asked
    assert "falls below" not in evaluator(Task(holed.formulas, round_below=0.05)).rejected


def test_a_term_that_takes_no_part_is_no_candidate(dataset):
    """The data are those of one exponential: a second one of positive weight is worth nothing in the density."""
    evaluator = Evaluator(dataset, SearchSettings())
    formulas = {**TRUTH.formulas, "density": f"{TRUTH.formulas['density']} + 0.0*r^(-3.0)"}
    assert evaluator.why_unfit(TRUTH, ()) == "" and "a term of its density" in why_idle(Model.parse(formulas))
    assert "takes no part" in evaluator.why_unfit(Model.parse(formulas), ())
