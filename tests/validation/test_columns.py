"""What a run knows of its candidates' physics, as columns."""

import pytest

from srlab import __version__
from srlab.errors import InputError
from srlab.runs.journal import JournalWriter
from srlab.validation.columns import (
    CARDS_FILE,
    check_columns,
    column_values,
    crystal_values,
    keep_card,
    offered,
    read_cards,
)

RIGHT = {"id": "c1", "element": "Cu", "structures": {"fcc": 0.0, "hcp": 8.5, "bcc": 40.0}, "right_crystal": True}
WRONG = {"id": "c2", "element": "Cu", "structures": {"fcc": 4.25, "hcp": 0.0}, "right_crystal": False}
PUBLISHED = {"name": "Sutton-Chen"}


def test_the_search_knows_the_crystals_of_its_front():
    assert crystal_values(RIGHT) == {"ground_state": "fcc", "energy_hcp_fcc": 8.5, "energy_bcc_fcc": 40.0}
    assert crystal_values(WRONG) == {"ground_state": "hcp (wrong)", "energy_hcp_fcc": -4.25}
    for nothing in ({}, {"structures": None}, {"structures": 5}, {"structures": {"fcc": "low"}}):
        assert crystal_values({"element": "Cu", **nothing}) == {}


def test_scorecards_are_kept_and_the_later_line_counts(tmp_path):
    keep_card(tmp_path, "a", "c1", {"table": {"c44": {"value": 70.0, "score": "good"}, "c11": {"value": 170.0}}})
    keep_card(tmp_path, "b", "c1", {"table": {"c44": {"value": 71.0}, "c12": {"value": None}}})
    keep_card(tmp_path, "c", "Sutton-Chen", {"table": {"c44": {"value": 58.0}}})
    writer = JournalWriter(tmp_path / CARDS_FILE)
    old = {"key": "d", "name": "c1", "version": f"{__version__}.old", "result": {"table": {"c44": {"value": 1.0}}}}
    writer.append(old, {"key": "e", "name": "c1", "version": __version__, "result": 7})
    writer.close()
    cards = read_cards(tmp_path)
    assert {name: entry["value"] for name, entry in cards["c1"].items()} == {"c44": 71.0, "c11": 170.0, "c12": None}
    found = column_values([RIGHT, PUBLISHED], cards, ("c44", "c12", "energy_hcp_fcc"))
    assert found == {
        "C44 (GPa)": {"c1": 71.0, "Sutton-Chen": 58.0},
        "C12 (GPa)": {},
        "hcp - fcc (meV/atom)": {"c1": 8.5},
    }


def test_a_wrong_crystal_is_said_in_every_table_it_stands_in():
    assert list(column_values([RIGHT], {}, ())) == []
    assert column_values([RIGHT, WRONG], {}, ()) == {"ground state": {"c1": "fcc", "c2": "hcp (wrong)"}}


def test_names_of_columns_are_checked():
    assert check_columns("c44, ground_state,,c44") == ("c44", "ground_state")
    with pytest.raises(InputError, match="no column 'stacking_fault': did you mean stacking_fault_energy"):
        check_columns(["stacking_fault"])


def test_what_is_offered_follows_the_element():
    assert {"ground_state", "energy_hcp_fcc", "stacking_fault_energy", "c44"} <= set(offered("Cu"))
    assert "energy_fcc_bcc" in offered("Mo") and "energy_hcp_fcc" not in offered("Mo")
    assert offered(None) == offered("Cu")
