"""References, thresholds and scores as data."""

import json
import re

import pytest
from ase.data import atomic_numbers

from srlab.errors import InputError
from srlab.potentials.lattices import ground_state
from srlab.validation.groups import GROUPS
from srlab.validation.scores import (
    load_references,
    names_of,
    properties,
    reference_values,
    score,
    sources,
    structure_entry,
    thresholds,
)

ELEMENTS = "Al Ag Au Ni Pt Pd Pb Cu Fe Mo W Ta Nb V Cr Li Na K Mg Ti Zr Be Zn Si Ge".split()


@pytest.mark.parametrize("element", ELEMENTS)
def test_references_belong_to_the_ground_state_and_say_where_they_are_from(element):
    structure = ground_state(element)
    known = reference_values(element, structure)
    assert {"lattice_constant", "cohesive_energy", "bulk_modulus", "c44", "melting_point"} <= set(known)
    for name, columns in known.items():
        assert structure in properties()[name].get("structures", (structure,))
        for column in set(columns) & {"pbe", "experiment"}:
            assert columns[f"{column}_source"] and isinstance(columns[column], float)
    other = "fcc" if structure == "bcc" else "bcc"
    assert set(reference_values(element, other)) <= {"melting_point", "latent_heat", "liquid_density"}


@pytest.mark.parametrize("element", ELEMENTS)
def test_references_of_an_element_agree_with_each_other(element):
    """Bulk moduli and elastic constants, PBE and experiment: mistyped digits show here."""
    known = reference_values(element)
    for column in ("pbe", "experiment"):
        value = {name: columns.get(column) for name, columns in known.items()}
        if value.get("c12") and value.get("bulk_modulus") and not value.get("c33"):
            assert (value["c11"] + 2 * value["c12"]) / 3 == pytest.approx(value["bulk_modulus"], rel=0.08)
            assert value["c11"] > value["c12"] and value["c44"] > 0
    a0 = known["lattice_constant"]
    if "pbe" in a0 and "experiment" in a0:
        assert a0["pbe"] == pytest.approx(a0["experiment"], rel=0.03)
    b0 = known["bulk_modulus"]
    assert b0["pbe"] == pytest.approx(b0["experiment"], rel=0.25)


def test_every_property_belongs_to_a_group_and_every_structure_has_some_of_each():
    assert {about["group"] for about in properties().values()} == set(GROUPS)
    for structure in ("fcc", "bcc", "hcp", "diamond", "file"):
        assert all(names_of(group, structure) for group in GROUPS)
    assert "energy_fcc_bcc" in names_of("polymorphs", "bcc") and "energy_bcc_fcc" not in names_of("polymorphs", "bcc")


def test_short_names_of_sources_are_explained():
    texts = {
        columns[key]
        for element in ELEMENTS
        for columns in reference_values(element).values()
        for key in columns
        if key.endswith("_source")
    }
    papers = {found.group() for found in (re.match(r"[A-Z][A-Za-z ]+ (19|20)\d\d", text) for text in texts) if found}
    assert {"Kittel 2005", "Tran 2016", "Nicklow 1967"} <= papers <= set(sources())


def test_thresholds_follow_the_size_of_the_reference():
    about = properties()["c11"]
    assert thresholds(about, 177.0) == pytest.approx((9.0, 25.0))
    assert thresholds(about, 523.0)[0] == pytest.approx(9.0 * 523.0 / 177.0)
    assert score(4.0, about, 13.5) == "poor" and score(4.0, about, 523.0) == "good"
    assert thresholds(properties()["energy_hcp_fcc"], -2.0) == (5.0, 9.0)
    assert thresholds(about, None) is None and score(1.0, properties()["bain_path_maximum"], 3.0) is None


def test_the_line_of_the_structure():
    assert "warning" not in structure_entry("bcc", "bcc", "W")
    row = structure_entry("alpha.vasp", "file", "W")
    assert row["value"] == "alpha.vasp" and "ground state of W is bcc" in row["warning"]
    assert "warning" not in structure_entry("fcc", "fcc", "In")  # of which no ground state is in the table


def test_a_users_own_references_go_first(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(
        json.dumps(
            {
                "W": {"c11": {"pbe": 519, "pbe_source": "mine"}, "stacking_fault_energy": {"experiment": 1.5}},
                "Xe": {"structure": "fcc", "lattice_constant": {"experiment": 6.13}},
            }
        )
    )
    mine = load_references(path)
    known = reference_values("W", "bcc", mine)
    assert known["c11"]["pbe"] == 519.0 and known["c11"]["pbe_source"] == "mine"
    assert known["c11"]["experiment"] == reference_values("W")["c11"]["experiment"]
    assert known["stacking_fault_energy"] == {"experiment": 1.5, "experiment_source": "from mine.json"}
    assert reference_values("Xe", "fcc", mine)["lattice_constant"]["experiment"] == 6.13
    assert reference_values("Xe", "bcc", mine) == {}
    assert "Xe" in atomic_numbers and reference_values("Xe") == {}


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("{", "not JSON"),
        ("[]", "holds no references"),
        ('{"Wo": {}}', "'Wo' is no element"),
        ('{"W": {"c99": {"pbe": 1}}}', "W, c99: there is no such property"),
        ('{"W": {"c11": 519}}', "W, c11: expected pbe or experiment with a number"),
        ('{"W": {"c11": {"pbe": "519"}}}', "pbe is '519', not a finite number"),
        ('{"W": {"c11": {"pbe": NaN}}}', "not a finite number"),
        ('{"W": {"c11": {"pbe": true}}}', "not a finite number"),
        ('{"W": {"c11": {"pbe": 1, "lda": 2}}}', "'lda' is not known"),
    ],
)
def test_a_wrong_reference_is_named(tmp_path, text, sentence):
    path = tmp_path / "mine.json"
    path.write_text(text)
    with pytest.raises(InputError, match=sentence):
        load_references(path)
    with pytest.raises(InputError, match="cannot be read"):
        load_references(tmp_path / "none.json")
