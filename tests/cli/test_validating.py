"""validate."""

import io
import json
from types import SimpleNamespace

import pytest
from ase.build import bulk
from ase.io import write
from rich.console import Console

from srlab.cli.validating import ranking, table

FIELDS = {"value", "unit", "error", "pbe", "experiment"}


def test_80_columns_hold_the_judgement_and_what_stands_beside_it():
    good = {"value": 1.23456, "unit": "angstrom", "error": -0.0034567, "pbe": 3.632, "experiment": 3.603}
    other = {"value": 176.23, "unit": "GPa", "error": -12.345, "pbe": None, "experiment": 188.57}
    unknown = dict.fromkeys(("error", "pbe", "experiment")) | {"value": 1.0, "unit": "angstrom"}
    card = {
        "surface_energy_0001_basal": {**good, "reference": "pbe", "score": "acceptable"},
        "c11": {**other, "reference": "experiment", "score": "poor", "warning": "the crystal is not stable " * 4},
        "dimer_repulsive_down_to": {**unknown, "reference": None, "score": None},
    }
    console = Console(width=80, file=io.StringIO())
    console.print(table(card, "pbe"))
    lines = console.file.getvalue().splitlines()
    text = " ".join(" ".join(line[:26] for line in lines).split())
    assert max(map(len, lines)) <= 80 and not any("…" in line for line in lines)
    for words in (("surface_energy_0001_basal", "-0.00346", "acceptable"), ("c11", "poor"), ("dimer", "no reference")):
        assert any(all(word in line for word in words) for line in lines), words
    assert "against experiment" in text and text.count("the crystal is not stable") == 4


def test_json_is_one_entry_a_property(srlab):
    outcome = srlab("validate", "cleri-rosato", "--only", "eos", "--quick", "--json")
    card = json.loads(outcome.out)
    assert outcome.err == "" and all(FIELDS <= set(entry) for entry in card.values())
    assert card["lattice_constant"]["unit"] == "angstrom" and card["lattice_constant"]["value"] == pytest.approx(
        3.61, abs=0.02
    )
    assert card["lattice_constant"]["error"] == pytest.approx(
        card["lattice_constant"]["value"] - card["lattice_constant"]["pbe"]
    )


def test_the_table_has_references_beside_the_values(srlab):
    text = srlab("validate", "cleri-rosato", "--only", "eos", "--quick", "--reference", "experiment").out
    assert all(
        word in text for word in ("property", "PBE", "exp.", "lattice_constant", "angstrom", "bulk_modulus", "GPa")
    )


@pytest.mark.parametrize(
    "arguments, word",
    [
        (["--only", "colour"], "choose from eos"),
        (["--reference", "hearsay"], "pbe or experiment"),
        (["--only", ","], "choose from"),
    ],
)
def test_unknown_groups_and_references(srlab, arguments, word):
    outcome = srlab("validate", "cleri-rosato", *arguments)
    assert outcome.code == 2 and outcome.out == "" and word in outcome.sentence


def test_a_report_is_a_page_with_figures_and_overwrites_nothing(srlab, tmp_path):
    folder = tmp_path / "report"
    assert srlab("validate", "cleri-rosato", "--only", "eos", "--quick", "--report", str(folder)).code == 0
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "lattice constant" in page and (folder / "eos.png").stat().st_size > 5000 and (folder / "report.md").exists()
    again = srlab("validate", "cleri-rosato", "--only", "eos", "--quick", "--report", str(folder))
    assert (
        again.code == 2
        and "choose another folder" in again.err
        and (folder / "report.html").read_text(encoding="utf-8") == page
    )


def test_the_crystal_is_an_option_and_stands_in_the_json(srlab, tmp_path):
    own = json.loads(srlab("validate", "cleri-rosato", "--only", "elastic", "--quick", "--json").out)
    bcc = json.loads(
        srlab("validate", "cleri-rosato", "--structure", "bcc", "--only", "polymorphs", "--quick", "--json").out
    )
    assert own["structure"]["value"] == "fcc" and "warning" not in own["structure"]
    assert bcc["structure"]["value"] == "bcc" and "ground state of Cu is fcc" in bcc["structure"]["warning"]
    assert set(bcc) == {"structure", "energy_fcc_bcc", "energy_hcp_bcc"} and bcc["energy_fcc_bcc"]["value"] < 0
    write(tmp_path / "cell.vasp", bulk("Cu", cubic=True), format="vasp")
    file = json.loads(
        srlab(
            "validate", "cleri-rosato", "--structure", str(tmp_path / "cell.vasp"), "--only", "elastic,bain", "--json"
        ).out
    )
    assert file["structure"]["value"] == "cell.vasp"
    assert file["c44"]["value"] == pytest.approx(own["c44"]["value"], abs=0.1) and file["c44"]["pbe"] is None
    assert "none leads away from cell.vasp" in file["transformation_path_maximum"]["warning"]


def test_references_of_ones_own(srlab, tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"Cu": {"c44": {"pbe": 60.0, "pbe_source": "mine"}}}))
    card = json.loads(
        srlab("validate", "cleri-rosato", "--references", str(path), "--only", "elastic", "--quick", "--json").out
    )
    assert card["c44"]["pbe"] == 60.0 and card["c44"]["error"] == pytest.approx(card["c44"]["value"] - 60.0)
    assert card["c11"]["pbe"] == 177.0
    path.write_text("{}")
    outcome = srlab("validate", "cleri-rosato", "--references", str(path))
    assert outcome.code == 2 and "mine.json holds no references" in outcome.sentence


@pytest.mark.parametrize("structure", ["omega", "nowhere.vasp"])
def test_an_unknown_structure_is_named(srlab, structure):
    outcome = srlab("validate", "cleri-rosato", "--structure", structure)
    assert outcome.code == 2 and outcome.out == "" and f"no structure '{structure}'" in outcome.sentence


def test_a_ranking_is_not_cut_inside_a_number_or_a_name_in_80_columns():
    pair = "-0.823189*r^(-0.2506 - 0.337*r) + 1110.7*exp(-3.062*r)*cos(1.109*r + 5.396)"
    lost = ["energy_hcp_fcc", "vacancy_formation_energy", "surface_energy_111", "stacking_fault_energy"]
    long = {"pair": pair, "density": "r^(-2.553 - 0.1*r)", "embedding": "1.81792*rho*log(rho)"}
    short = {"pair": "3097.4*exp(-3.67*r)", "density": "exp(-1.94*r)", "embedding": "-17.387*sqrt(rho)"}
    one = SimpleNamespace(id="c1034", complexity=36, misfit=1.234, behind=lost, lost=lost, formulas=long)
    other = SimpleNamespace(id="c4", complexity=14, misfit=0.8, behind=[], lost=[], formulas=short)
    lines = ranking([one, other], 80).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[2].split() == ["c1034", "36", "1.23", "4"]
    words = " ".join(lines).replace(",", " ").split()
    assert all(word in words for word in (*lost, "1111.0*exp(-3.062*r)*cos(1.109*r", "5.396)", "-17.39*sqrt(rho)"))
