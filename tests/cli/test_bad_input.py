"""Every kind of bad input: one sentence that says what and where, exit code 2, nothing written or overwritten."""

import json

import numpy as np
import pytest
from ase.io import write

from tests.cli.conftest import labelled, structures


@pytest.fixture(scope="module")
def bad(folder):
    """name -> file of bad data."""
    frames = labelled(structures(3))
    missing = labelled(structures(3))
    del missing[2].calc.results["forces"]
    spoiled = frames[2].get_forces().copy()
    spoiled[1, 2] = np.nan
    mixed = structures(3)
    mixed[1].symbols[0] = "Au"
    for atoms, example in zip(mixed, frames):
        atoms.calc = example.calc
        atoms.calc.atoms = atoms.copy()
    write(folder / "noforces.extxyz", missing)
    write(folder / "nan.extxyz", labelled(structures(3), forces=spoiled))
    write(folder / "nanenergy.extxyz", labelled(structures(3), energy=np.nan))
    write(folder / "mixed.extxyz", mixed)
    (folder / "empty.extxyz").write_text("")
    (folder / "junk.extxyz").write_text("this is no structure\n")
    return lambda name: folder / f"{name}.extxyz"


DATA_ERRORS = [
    ("empty", ["empty.extxyz", "empty"]),
    ("junk", ["junk.extxyz", "cannot be read"]),
    ("absent", ["absent.extxyz", "no such file"]),
    ("noforces", ["frame 2", "no forces"]),
    ("nan", ["frame 2", "force on atom 1", "not a finite number"]),
    ("nanenergy", ["frame 2", "energy", "not a finite number"]),
    ("mixed", ["frame 1", "Au", "one element"]),
    ("overlapping", ["frame 12", "0.30 angstrom", "--min-distance"]),
]


@pytest.mark.parametrize("name, words", DATA_ERRORS)
@pytest.mark.parametrize("command", ["search", "fit", "evaluate"])
def test_bad_data(srlab, bad, overlapping, tmp_path, command, name, words):
    before = {"search": ["search"], "fit": ["fit", "sutton-chen"], "evaluate": ["evaluate", "gp1"]}[command]
    after = ["--out", tmp_path / "run"] if command == "search" else []
    outcome = srlab(*before, bad(name), *after, "--json")
    assert outcome.code == 2 and outcome.out == ""
    assert all(word in outcome.sentence for word in words), outcome.err
    assert list(tmp_path.iterdir()) == []


def test_the_filter_the_error_offers_works(srlab, overlapping, tmp_path, monkeypatch):
    monkeypatch.setattr("srlab.search.driver.references", lambda *_, **__: iter(()))  # they take longer than the rest
    outcome = srlab("evaluate", "gp1", overlapping, "--min-distance", "1.0", "--json")
    assert outcome.code == 0 and json.loads(outcome.out)["n_frames"] == 12
    outcome = srlab(
        "search",
        overlapping,
        "--min-distance",
        "1.0",
        "--evaluations",
        "200",
        "--workers",
        "1",
        "--out",
        tmp_path / "run",
        "--json",
    )
    assert outcome.code == 0 and "left out 1 frames" in outcome.err


def test_an_element_other_than_the_potential_is_for(srlab, folder):
    path = folder / "aluminium.extxyz"
    frames = labelled(structures(1))
    frames[0].symbols[:] = "Al"
    frames[0].calc.atoms = frames[0].copy()
    write(path, frames)
    outcome = srlab("evaluate", "sutton-chen", path)
    assert outcome.code == 2 and outcome.out == ""
    assert all(word in outcome.sentence for word in ("frame 0", "Al", "sutton-chen", "Cu"))


@pytest.mark.parametrize(
    "options, words",
    [
        (["--cutoff", "2"], ["cutoff", "3 and 12"]),
        (["--cutoff", "13"], ["cutoff", "3 and 12"]),
        (["--cutoff", "nan"], ["cutoff", "finite"]),
        (["--operators", "exp,foo"], ["unknown operator 'foo'", "choose from exp"]),
        (["--operators", "exp"], ["no operator is left", "embedding"]),
        (["--max-complexity", "3"], ["max_complexity"]),
        (["--seconds", "-1"], ["seconds must be above zero"]),
        (["--seconds", "nan"], ["seconds", "finite"]),
        (["--evaluations", "0"], ["evaluations must be above zero"]),
        (["--workers", "0"], ["workers"]),
        (["--split", "half"], ["unknown split 'half'", "alternate"]),
        (["--template", "meam"], ["template 'meam'", "eam"]),
        (["--force-weight", "-1"], ["weights"]),
        (["--force-weight", "nan"], ["force_weight", "finite"]),
        (["--focus", "0"], ["focus must be above zero"]),
        (["--focus", "-0.1"], ["focus must be above zero"]),
        (["--correlation-length", "-0.1"], ["the correlation length must be zero"]),
        (["--correlation-length", "nan"], ["correlation_length must be a finite number"]),
        (["--stress-weight", "-1"], ["weights"]),
        (["--stress-weight", "0.3"], ["no stress on any training frame"]),
        (["--family-weight", "eos"], ["--family-weight eos", "eos=2"]),
        (["--family-weight", "eos=-1"], ["family eos", "zero or above"]),
        (["--family-weight", "eos=much"], ["name and a number"]),
        (["--family-weight", "eos=2"], ["no family 'eos'", "its families are"]),
        (["--min-distance", "nan"], ["--min-distance"]),
        (["--guess", "absent.txt"], ["absent.txt", "no such file"]),
    ],
)
def test_bad_settings_of_a_search(srlab, good, tmp_path, options, words):
    outcome = srlab("search", good, "--out", tmp_path / "run", *options)
    assert outcome.code == 2 and outcome.out == ""
    assert all(word in outcome.sentence for word in words), outcome.err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "text, place",
    [
        ("phi = exp(-r; f = exp(-r); F = -sqrt(rho)", "  exp(-r\n        ^\n"),
        ("phi = __import__('os'); f = r; F = rho", "  __import__('os')\n             ^\n"),
    ],
)
def test_a_guess_that_does_not_parse_shows_the_place(srlab, good, tmp_path, text, place):
    (tmp_path / "guess.txt").write_text(text)
    outcome = srlab("search", good, "--guess", "guess.txt", "--out", "run")
    assert outcome.code == 2 and outcome.out == "" and not (tmp_path / "run").exists()
    assert outcome.err.startswith("srlab: guess.txt: ") and outcome.err.endswith(place)


@pytest.mark.parametrize(
    "content, word",
    [
        (b"hello", "no assignment"),
        (b"\xff\xfe\x00", "no text file"),
        (b"phi = 1/(r - 2.5); f = exp(-r); F = -rho", "pole"),
    ],
)
def test_a_guess_that_is_none(srlab, good, tmp_path, content, word):
    (tmp_path / "guess.txt").write_bytes(content)
    outcome = srlab("search", good, "--guess", "guess.txt", "--out", "run")
    assert outcome.code == 2 and word in outcome.sentence and not (tmp_path / "run").exists()


def test_an_output_folder_in_use_is_left_alone(srlab, good, run, tmp_path):
    journal = (run / "journal.jsonl").read_bytes()
    outcome = srlab("search", good, "--out", run)
    assert outcome.code == 2 and "in use" in outcome.sentence and "srlab resume" in outcome.sentence
    assert (run / "journal.jsonl").read_bytes() == journal
    file = tmp_path / "file"
    file.write_text("mine")
    assert srlab("search", good, "--out", file).code == 2
    assert file.read_text() == "mine"


@pytest.mark.parametrize("command", ["front", "resume"])
def test_what_is_no_run(srlab, tmp_path, command):
    assert "no run" in srlab(command, tmp_path).sentence
    for journal in ("", '{"event":"status"}\n', '{"event":"start"}\n', "[]\n", "\x00\x00\n"):
        (tmp_path / "journal.jsonl").write_text(journal)
        outcome = srlab(command, tmp_path)
        assert outcome.code == 2 and "damaged" in outcome.sentence
        assert (tmp_path / "journal.jsonl").read_text() == journal


@pytest.mark.parametrize(
    "content, words",
    [
        ("{", ["cannot be read as JSON"]),
        ("[1]", ["holds no potential"]),
        ('{"formulas": {"pair": "r"}, "id": "c1"}', ["not a complete", "density"]),
        ('{"formulas": {"pair": "r", "density": 5, "embedding": "rho"}}', ["not a complete"]),
    ],
)
def test_a_json_file_that_is_no_potential(srlab, good, tmp_path, content, words):
    (tmp_path / "p.json").write_text(content)
    outcome = srlab("evaluate", "p.json", good)
    assert outcome.code == 2 and words[0] in outcome.sentence


def test_unknown_potentials_and_candidates(srlab, good, run):
    assert "sutton-chen" in srlab("evaluate", "suton-chen", good).sentence
    outcome = srlab("evaluate", f"{run}#c999", good)
    assert outcome.code == 2 and "'c999'" in outcome.sentence and "srlab front" in outcome.sentence


@pytest.mark.parametrize(
    "form, word",
    [
        ("nope", "no form"),
        ("phi = A*r; f = r; F = rho", "'A = 1.0'"),
        ("phi = r; f = r", "embedding"),
        ("phi = exp(-r)/(2 - 2); f = exp(-r); F = -rho", "pole"),
    ],
)
def test_forms_that_cannot_be_fitted(srlab, good, form, word):
    outcome = srlab("fit", form, good)
    assert outcome.code == 2 and word in outcome.sentence


def test_nothing_is_overwritten_without_force(srlab, good, run, tmp_path):
    file = tmp_path / "mine.json"
    for command in (["export", "gp1", "--to", "json"], ["export", "gp1", "--to", "lammps"], ["sample", "gp1"]):
        file.write_text("mine")
        outcome = srlab(*command, "-o", file)
        assert outcome.code == 2 and "--force" in outcome.sentence
        assert file.read_text() == "mine"
    assert "no folder" in srlab("export", "gp1", "--to", "json", "-o", tmp_path / "no" / "x.json").sentence
    assert srlab("export", "gp1", "--to", "latex", "-o", tmp_path).code == 0  # under a name of its own
    assert "gp1.tex exists already" in srlab("export", "gp1", "--to", "latex", "-o", tmp_path).sentence
    assert "choose one of lammps" in srlab("export", "gp1", "--to", "fortran", "-o", tmp_path / "x").sentence


def test_sampling_and_labelling_refuse(srlab, good, tmp_path):
    assert "at least 1 atom" in srlab("sample", "gp1", "--atoms", "0", "-o", "x.extxyz").sentence
    assert "no such file" in srlab("label", "absent.extxyz", "-o", "x.extxyz", "--calculator", "emt").sentence
    assert "unknown calculator 'vosp'" in srlab("label", good, "-o", "x.extxyz", "--calculator", "vosp").sentence
    assert "shard" in srlab("label", good, "-o", "x.extxyz", "--calculator", "emt", "--shard", "3/2").sentence
    (tmp_path / "mine.txt").write_text("not a frame\n")
    assert "nothing was overwritten" in srlab("label", good, "-o", "mine.txt", "--calculator", "emt").sentence
    assert (tmp_path / "mine.txt").read_text() == "not a frame\n"
