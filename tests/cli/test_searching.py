"""search, resume, front: as the contract says, the same for the same seed, and not lost to Ctrl-C or kill -9."""

import csv
import io
import json
import os
import shutil
import signal
import subprocess
import sys

import psutil
import pytest

from srlab.cli import searching
from srlab.runs.folder import RunFolder
from srlab.search import pareto_front
from srlab.validation.columns import keep_card
from tests.waiting import PATIENCE, wait_until

FIELDS = {"id", "complexity", "energy_mae", "force_mae", "test_energy_mae", "test_force_mae", "formulas"}
QUICK = ("--evaluations", "2000", "--workers", "1", "--seed", "1")


def start(data, run, *options, **streams):
    """A search in a process group of its own, as a shell would start it."""
    command = [sys.executable, "-m", "srlab.cli", "search", str(data), "--out", str(run), *options]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    return subprocess.Popen(command, text=True, start_new_session=True, **streams)


def wait_for_front(run, size=3):
    """Wait until the front of a run under way has so many members."""
    journal = run / "journal.jsonl"

    def members():
        lines = journal.read_text().splitlines(keepends=True) if journal.exists() else []
        fronts = [line for line in lines if line.startswith('{"event":"front"') and line.endswith("\n")]
        return len(json.loads(fronts[-1])["ids"]) if fronts else 0

    wait_until(lambda: members() >= size)


def objectives(candidate):
    return candidate["complexity"], candidate["energy_mae"], candidate["force_mae"]


def not_worse(after, before):
    """Whether each candidate of an earlier front is matched or beaten by one of a later front in every objective."""
    return all(any(all(new <= old for new, old in zip(objectives(b), objectives(a))) for b in after) for a in before)


def test_front_is_what_the_contract_says(srlab, run):
    front = json.loads(srlab("front", run, "--json").out)
    assert len(front) >= 3
    assert all(FIELDS <= set(candidate) for candidate in front)
    assert all(set(candidate["formulas"]) == {"pair", "density", "embedding"} for candidate in front)
    assert [candidate["complexity"] for candidate in front] == sorted(candidate["complexity"] for candidate in front)
    for a in front:
        assert not any(
            all(x <= y for x, y in zip(objectives(b), objectives(a))) and objectives(b) != objectives(a) for b in front
        )


def test_the_same_seed_gives_the_same_front_to_the_byte(srlab, good, run, tmp_path):
    outcome = srlab("search", good, *QUICK, "--out", tmp_path / "again", "--json")
    assert outcome.code == 0 and outcome.err == ""
    assert outcome.out == srlab("front", run, "--json").out
    other = srlab(
        "search", good, "--evaluations", "2000", "--workers", "1", "--seed", "2", "--out", tmp_path / "other", "--json"
    )
    assert other.out != outcome.out


def test_the_table_shows_references_beside_the_front_and_what_to_do_next(srlab, run):
    text = srlab("front", run).out
    front = json.loads(srlab("front", run, "--json").out)
    assert all(f"{candidate['id']} " in text for candidate in front)
    assert all(name in text for name in ("Sutton-Chen", "Cleri-Rosato", "GP1", "train", "test", "meV/atom", "meV/A"))
    assert f"srlab export {run}#" in text and text.count(" * ") == 1
    assert f"{len(front)} candidates" in text and "below refitted Sutton-Chen in both test errors" in text


def test_properties_stand_beside_the_errors(srlab, run, tmp_path):
    """What the search asked of its crystals by itself, and what was validated; the run is a fixture: work on a copy."""
    copy = tmp_path / "copy"
    shutil.copytree(run, copy)
    best = json.loads(srlab("front", run, "--json").out)[-1]
    keep_card(copy, "k", best["id"], {"table": {"c44": {"value": 71.23456}}})
    rows = list(csv.DictReader(io.StringIO(srlab("front", copy, "--columns", "c44", "--format", "csv").out)))
    assert {row["C44 (GPa)"] for row in rows if row["id"] == best["id"]} == {"71.2346"}
    assert {row["C44 (GPa)"] for row in rows if row["id"] != best["id"]} == {""}
    shown = json.loads(srlab("front", copy, "--columns", "c44,energy_hcp_fcc", "--json").out)[-1]["properties"]
    assert shown["c44"] == 71.23456 and isinstance(shown["energy_hcp_fcc"], float)
    text = srlab("front", copy, "--columns", "c44,vacancy_formation_energy").out
    assert "C44 (GPa) 71.23" in text and "Not known of any candidate: vacancy formation (eV);" in text
    outcome = srlab("front", copy, "--columns", "c45x")
    assert outcome.code == 2 and "no column 'c45x': did you mean" in outcome.sentence


def test_a_long_front_is_shown_thinned_after_a_search(srlab, good, tmp_path, monkeypatch):
    monkeypatch.setattr(searching, "FIRST_LOOK", 2)
    whole = pareto_front.loss_front
    monkeypatch.setattr(
        pareto_front, "loss_front", lambda front, gain=0.0, keep=None: [keep] if keep else whole(front, gain)
    )
    text = srlab("search", good, *QUICK, "--out", "run").out
    front = json.loads(srlab("front", "run", "--json").out)
    assert "Shown are the 1 " in text and text.count(" * ") == 1 and text.count("phi = ") == 1 + 3
    assert srlab("front", "run").out.count("phi = ") == len(front) + 3
    assert sum(member["knee"] for member in front) == 1 and any(member["score"] for member in front)
    everything = json.loads(srlab("front", "run", "--all", "--json").out)
    assert len(everything) >= len({tuple(member["formulas"].items()) for member in front}) and {
        m["id"] for m in everything
    } & {m["id"] for m in front}


def test_without_test_frames_a_dash(srlab, good, tmp_path):
    outcome = srlab(
        "search", good, "--split", "all", "--evaluations", "600", "--workers", "1", "--out", tmp_path / "all"
    )
    assert outcome.code == 0 and "0 test frames" in outcome.out and "in both training errors" in outcome.out
    assert json.loads(srlab("front", tmp_path / "all", "--json").out)[0]["test_energy_mae"] is None


def test_options_reach_the_search(srlab, good, tmp_path):
    srlab(
        "search",
        good,
        "--evaluations",
        "500",
        "--workers",
        "1",
        "--seed",
        "7",
        "--operators",
        "exp, sqrt",
        "--max-complexity",
        "30",
        "--cutoff",
        "5.5",
        "--force-weight",
        "0.8",
        "--focus",
        "inf",
        "--family-weight",
        "all=2",
        "--correlation-length",
        "0.03",
        "--split",
        "alternate",
        "--out",
        tmp_path / "run",
    )
    begin = json.loads((tmp_path / "run" / "journal.jsonl").open().readline())
    expected = dict(
        evaluations=500,
        seconds=None,
        workers=1,
        seed=7,
        operators=["exp", "sqrt"],
        max_complexity=30,
        cutoff=5.5,
        force_weight=0.8,
        focus=None,
        family_weights=[["all", 2.0]],
        correlation_length=0.03,
    )
    assert {name: begin["settings"][name] for name in expected} == expected
    assert begin["dataset"]["test_indices"] == list(range(1, 20, 2))


def test_a_guess_is_refined_first(srlab, good, tmp_path):
    (tmp_path / "guess.txt").write_text("# Gupta\nphi = 3000.0*exp(-3.7*r)\nf = exp(-3.6*r)\nF = -100.0*sqrt(rho)\n")
    assert (
        srlab("search", good, "--guess", "guess.txt", "--evaluations", "500", "--workers", "1", "--out", "run").code
        == 0
    )
    candidates = [
        json.loads(line)["candidate"]
        for line in open(tmp_path / "run" / "journal.jsonl")
        if line.startswith('{"event":"candidate"')
    ]
    assert candidates[0]["move"] == "inject"
    assert candidates[0]["force_mae"] < 0.5 * 80  # the data are made by this form; only the cutoff differs


def test_resume_with_more_evaluations(srlab, good, tmp_path):
    before = json.loads(srlab("search", good, "--evaluations", "800", "--workers", "1", "--out", "run", "--json").out)
    assert "spent its budget" in srlab("resume", "run").sentence
    after = json.loads(srlab("resume", "run", "--evaluations", "1600", "--json").out)
    assert not_worse(after, before)
    events = [json.loads(line) for line in open(tmp_path / "run" / "journal.jsonl")]
    assert events[-1]["event"] == "finish" and events[-1]["evaluations"] >= 1600
    assert sum(event["event"] == "reference" for event in events) == 3


def test_a_stop_said_to_an_earlier_process_does_not_stop_a_resumed_one(srlab, good, tmp_path):
    srlab("search", good, "--evaluations", "400", "--workers", "1", "--out", "run")
    (tmp_path / "run" / "commands.jsonl").write_text('{"name":"stop"}\n')
    assert srlab("resume", "run", "--evaluations", "800").code == 0
    assert json.loads(open(tmp_path / "run" / "journal.jsonl").readlines()[-1])["state"] == "finished"


def test_kill_9_then_resume_loses_nothing(srlab, good, tmp_path):
    run = tmp_path / "run"
    process = start(good, run, "--seconds", "600", "--workers", "2")
    wait_for_front(run)
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate()
    with open(run / "journal.jsonl", "a") as journal:
        journal.write('{"event":"candidate","t":9.9,"cand')  # what a kill in the middle of a write leaves behind
    before = json.loads(srlab("front", run, "--json").out)
    _, alive = psutil.wait_procs(children, timeout=PATIENCE)
    assert alive == []
    evaluations = [
        json.loads(line)["evaluations"] for line in open(run / "journal.jsonl") if line.startswith('{"event":"status"')
    ][-1]
    outcome = srlab("resume", run, "--evaluations", evaluations + 200, "--json")
    assert outcome.code == 0, outcome.err
    assert len(before) >= 3 and not_worse(json.loads(outcome.out), before)


@pytest.mark.parametrize("signal_number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_an_interrupt_saves_and_says_how_to_go_on(srlab, good, tmp_path, signal_number):
    run = tmp_path / "run"
    workers = "2" if signal_number == signal.SIGINT else "1"
    process = start(good, run, "--seconds", "600", "--workers", workers, "--json")
    wait_for_front(run, 1)
    if signal_number == signal.SIGINT:
        os.killpg(process.pid, signal_number)  # a terminal sends Ctrl-C to the workers, too
    else:
        process.send_signal(signal_number)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    # seen from the folder in which the command was given
    assert err == f"interrupted; everything is saved. Go on with: srlab resume {run.name}\n"
    assert json.loads(out) == json.loads(srlab("front", run, "--json").out)
    last = json.loads(open(run / "journal.jsonl").readlines()[-1])
    assert (last["event"], last["state"]) == ("finish", "stopped")


def test_a_run_in_progress_cannot_be_resumed_twice(srlab, run, tmp_path):
    """As a search that holds its folder; that one does is tested in tests/search/test_search.py."""
    copy = tmp_path / "copy"
    shutil.copytree(run, copy)
    before = (copy / "journal.jsonl").read_bytes()
    folder = RunFolder(copy)
    folder.lock()
    try:
        outcome = srlab("resume", copy, "--evaluations", "9000")
        assert outcome.code == 2 and "in use by another search" in outcome.sentence
        assert folder.busy() and (copy / "journal.jsonl").read_bytes() == before
    finally:
        folder.unlock()


def test_recover_tells_what_it_found(srlab):
    shown = json.loads(srlab("recover", "cleri-rosato", "--evaluations", "500", "--json").out)
    assert set(shown) == {"recovered", "seconds", "evaluations", "formulas"}
    assert shown["seconds"] > 0 and (shown["recovered"] or shown["evaluations"] >= 500)
    assert set(shown["formulas"]) == {"pair", "density", "embedding"}
    assert "choose from sutton-chen" in srlab("recover", "lennard-jones").sentence


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")
def test_progress_goes_to_the_terminal_and_json_alone_to_stdout(good, tmp_path):
    master, slave = os.openpty()
    process = start(good, tmp_path / "run", "--evaluations", "600", "--workers", "1", "--json", stderr=slave)
    os.close(slave)
    shown = b""
    while True:
        try:
            shown += os.read(master, 4096)
        except OSError:  # the other side is closed
            break
    out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0 and isinstance(json.loads(out), list)
    assert b"of 600 evaluations" in shown and b"nodes" in shown and b"meV/A" in shown


def test_targets_are_read_from_the_command_line(srlab, good):
    for text, words in [
        ("c44", "the target 'c44': write NAME=VALUE or NAME=VALUE:WEIGHT"),
        ("c44=soft", "the target 'c44=soft': write NAME=VALUE"),
        ("hardness=3", "the target 'hardness' is unknown"),
        ("c44=76:0", "the target c44 needs a finite value and a weight above zero"),
    ]:
        outcome = srlab("search", good, "--target", text, "--out", "run")
        assert outcome.code == 2 and words in " ".join(outcome.err.split())


def test_an_operator_of_ones_own_is_read_from_the_command_line(srlab, good):
    outcome = srlab("search", good, "--operator", "bump(x) = exp(-x^2", "--out", "run")
    assert outcome.code == 2 and "the operator bump: the '(' of character 5 is not closed" in outcome.err
    for text, words in [
        ("exp(-x^2)", "write for example bump(x) = exp(-x^2)"),
        ("exp(x) = x", "there is an operator 'exp' already"),
    ]:
        outcome = srlab("search", good, "--operator", text, "--out", "run")
        assert outcome.code == 2 and words in outcome.sentence, outcome.sentence
    outcome = srlab("search", good, "--operator", "bump(x) = exp(-x^2)", "--operators", "bump", "--out", "run")
    assert outcome.code == 2 and "no operator is left for the embedding" in outcome.sentence


def test_costs_are_read_from_the_command_line(srlab, good):
    from srlab.cli.searching import read_costs

    assert read_costs(["cos=3", "exp = 2", "bump=4"]) == (("cos", 3), ("exp", 2), ("bump", 4))
    for text, words in (("exp", "write OPERATOR=NODES"), ("exp=1.5", "whole number"), ("sinh=2", "unknown operator")):
        outcome = srlab("search", good, "--cost", text, "--out", "run")
        assert outcome.code == 2 and words in outcome.sentence


def test_a_run_is_replayed_to_the_same_front(srlab, good, tmp_path):
    guess = tmp_path / "guess.txt"
    guess.write_text("phi = 900.0*exp(-3.0*r); f = exp(-1.9*r); F = -20.0*sqrt(rho)")
    srlab("search", good, "--evaluations", "800", "--workers", "1", "--out", "first", "--guess", guess)
    outcome = srlab("replay", "first", "--out", "second", "--json")
    assert outcome.code == 0 and "The front is the same as that of first; commands replayed: 1" in outcome.err
    assert outcome.out == srlab("front", "first", "--json").out
    assert "in use" in srlab("replay", "first", "--out", "second").sentence
    assert "is no run" in srlab("replay", "nowhere").sentence


TREES = ("--trees", "2", "--exchange", "400", "--workers", "2", "--seed", "1")


def test_a_search_in_trees_looks_like_a_run(srlab, good, tmp_path):
    (tmp_path / "guess.txt").write_text("phi = 3000.0*exp(-3.7*r)\nf = exp(-3.6*r)\nF = -100.0*sqrt(rho)\n")
    outcome = srlab(
        "search", good, *TREES, "--evaluations", "1200", "--guess", "guess.txt", "--out", "islands", "--json"
    )
    front = json.loads(outcome.out)
    assert outcome.code == 0 and outcome.err == "" and outcome.out == srlab("front", "islands", "--json").out
    assert len(front) >= 2 and all(
        FIELDS <= set(candidate) and candidate["id"][:3] in ("t0-", "t1-") for candidate in front
    )
    text = srlab("front", "islands").out
    knee = next(candidate["id"] for candidate in front if candidate["knee"])
    assert "2 trees, " in text and "Sutton-Chen" in text and f"srlab export islands#{knee}" in text
    best = f"islands#{front[-1]['id']}"
    assert json.loads(srlab("evaluate", best, good, "--json").out)["n_frames"] == 20
    assert srlab("export", best, "--to", "json", "-o", "best.json").code == 0
    tree, name = front[-1]["id"][1:].split("-")
    assert json.loads(srlab("evaluate", f"islands/tree-{tree}#{name}", good, "--json").out)["n_frames"] == 20
    assert len(json.loads(srlab("front", "islands/tree-0", "--json").out)) >= 2
    assert "spent its budget" in srlab("resume", "islands").sentence
    assert not_worse(json.loads(srlab("resume", "islands", "--evaluations", "1400", "--json").out), front)
    assert "is a search on islands" in srlab("replay", "islands").sentence


@pytest.mark.slow
def test_ctrl_c_in_a_search_in_trees(srlab, good, tmp_path):
    run = tmp_path / "islands"
    process = start(good, run, *TREES, "--seconds", "600")
    wait_for_front(run, 1)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130 and "everything is saved. Go on with: srlab resume" in err and "2 trees" in out
    before = json.loads(srlab("front", run, "--json").out)
    evaluations = json.loads(open(run / "journal.jsonl").readlines()[-1])["evaluations"]
    assert not_worse(json.loads(srlab("resume", run, "--evaluations", evaluations + 500, "--json").out), before)


@pytest.mark.parametrize(
    "options, message",
    [
        (("--trees", "0"), "trees must be a whole number, 1 or more, not 0"),
        (("--trees", "2", "--exchange", "0"), "exchange must be"),
        (("--exchange", "500"), "--exchange is between trees"),
        (("--trees", "2", "--template", "pair", "--guess", "guess.txt"), "guess.txt"),
    ],
)
def test_trees_that_cannot_be(srlab, good, tmp_path, options, message):
    (tmp_path / "guess.txt").write_text("phi = 3000.0*exp(-3.7*r)\nf = exp(-3.6*r)\nF = -100.0*sqrt(rho)\n")
    outcome = srlab("search", good, *options, "--seconds", "5", "--out", "islands")
    assert outcome.code == 2 and message in outcome.sentence and not (tmp_path / "islands").exists()
