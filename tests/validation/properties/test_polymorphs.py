import numpy as np
import pytest

from srlab.errors import InputError
from srlab.neighbours import neighbour_pairs
from srlab.validation.crystal import energies_per_atom, relaxed_crystal
from srlab.validation.properties.bain import bain, burgers_cell, tetragonal_cell, trigonal_cell
from srlab.validation.properties.polymorphs import polymorph, polymorphs, relaxed_polymorph


def test_mishin(mishin):
    found = polymorphs(mishin)
    assert found["values"]["energy_hcp_fcc"] == pytest.approx(8.0, abs=1.0)
    assert found["values"]["energy_bcc_fcc"] == pytest.approx(46.0, abs=1.0)
    assert found["order"][0] == "fcc" and found["order"][-1] == "diamond"
    assert found["structures"]["hcp"]["c_over_a"] == pytest.approx(1.633, abs=0.02)
    # dhcp is half hcp, and Mishin's potential does not reach far enough to tell them apart by more
    assert found["values"]["energy_dhcp_fcc"] == pytest.approx(0.5 * found["values"]["energy_hcp_fcc"], abs=0.3)


def test_sharp_sutton_chen(sharp_sutton_chen):
    found = polymorphs(sharp_sutton_chen, quick=True)
    assert found["values"]["energy_bcc_fcc"] == pytest.approx(24.1, abs=0.3)
    assert found["values"]["energy_hcp_fcc"] == pytest.approx(-2.1, abs=0.3)
    assert "wrong ground state" in found["warnings"]["energy_hcp_fcc"]


def test_volumes_are_per_atom():
    for name in ("fcc", "hcp", "bcc", "dhcp", "sc", "a15", "diamond"):
        atoms = polymorph("Cu", name, 12.0, 1.02)
        assert atoms.get_volume() / len(atoms) == pytest.approx(12.0)


def test_twelve_neighbours_in_close_packings(mishin):
    from srlab.neighbours import neighbour_pairs

    for name in ("fcc", "hcp", "dhcp"):
        atoms = polymorph("Cu", name, 12.0)
        i, _, r, _ = neighbour_pairs(atoms, 3.0)
        assert np.bincount(i).tolist() == [12] * len(atoms) and np.ptp(r) < 1e-6


def test_unknown_structure():
    with pytest.raises(InputError, match="choose one of fcc"):
        polymorph("Cu", "fluorite", 12.0)


def test_paths_pass_through_the_known_structures(mishin):
    def energy(atoms):
        return energies_per_atom(mishin.calculator, [atoms])[0]

    volume = mishin.lattice_constant**3 / 4
    assert energy(tetragonal_cell("Cu", np.sqrt(2), volume)) == pytest.approx(mishin.energy, abs=1e-9)
    assert energy(trigonal_cell("Cu", 60.0, volume)) == pytest.approx(mishin.energy, abs=1e-9)
    for name, atoms in (
        ("bcc", tetragonal_cell("Cu", 1.0, 12.0)),
        ("sc", trigonal_cell("Cu", 90.0, 12.0)),
        ("bcc", trigonal_cell("Cu", np.degrees(np.arccos(-1 / 3)), 12.0)),
    ):
        assert energy(atoms) == pytest.approx(energy(polymorph("Cu", name, 12.0)), abs=1e-9)


def test_bain_path_goes_over_bcc(mishin):
    found = bain(mishin, quick=True)
    bcc = 1e3 * (relaxed_polymorph(mishin, "bcc")[2] - mishin.energy)
    assert found["values"]["bain_path_maximum"] == pytest.approx(bcc, abs=0.2)
    sc = 1e3 * (relaxed_polymorph(mishin, "sc")[2] - mishin.energy)
    assert found["values"]["trigonal_path_maximum"] == pytest.approx(sc, abs=1.0)
    assert min(found["bain_energy"]) == pytest.approx(0.0, abs=1e-3)


def test_the_ground_state_stands_in_front(iron):
    found = polymorphs(iron, quick=True)
    assert list(found["values"]) == ["energy_hcp_bcc", "energy_fcc_bcc"] and found["order"][0] == "bcc"
    assert found["values"]["energy_fcc_bcc"] == pytest.approx(120.4, abs=0.5)
    wrong = polymorphs(relaxed_crystal(iron.potential, structure="fcc"), quick=True)
    assert wrong["values"]["energy_bcc_fcc"] == pytest.approx(-found["values"]["energy_fcc_bcc"], abs=0.1)
    assert "wrong ground state: bcc is 120" in wrong["warnings"]["energy_bcc_fcc"]


def test_the_burgers_path_joins_bcc_and_hcp():
    assert neighbours(burgers_cell("Cu", 0.0, 12.0)) == [8] * 4
    assert neighbours(burgers_cell("Cu", 1.0, 12.0)) == [12] * 4
    for share in (0.0, 0.4, 1.0):
        assert burgers_cell("Cu", share, 12.0).get_volume() == pytest.approx(48.0)


def neighbours(atoms):
    nearest = neighbour_pairs(atoms, 4.0)[2].min()
    return np.bincount(neighbour_pairs(atoms, 1.01 * nearest)[0]).tolist()


def test_paths_away_from_zirconium_and_iron(zirconium, iron):
    """Burgers' path ends in the other structure, whose energy the polymorphs have."""
    found = bain(zirconium, quick=True)
    assert list(found["values"]) == ["burgers_path_maximum"]
    bcc = 1e3 * (relaxed_polymorph(zirconium, "bcc")[2] - zirconium.energy)
    assert found["burgers_energy"][0] == pytest.approx(bcc, abs=0.2)
    assert found["burgers_energy"][-1] < 5.0  # hcp, but for its axes
    assert list(bain(iron, quick=True)["values"]) == [
        "bain_path_maximum",
        "trigonal_path_maximum",
        "burgers_path_maximum",
    ]
