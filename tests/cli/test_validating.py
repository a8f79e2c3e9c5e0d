"""validate."""

import json

import pytest

FIELDS = {"value", "unit", "error", "pbe", "experiment"}


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
        word in text
        for word in ("property", "PBE", "experiment", "lattice_constant", "angstrom", "bulk_modulus", "GPa")
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
