"""Crystals of every structure, from potentials, calculators and files."""

from dataclasses import replace

import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.io import write

from srlab.errors import InputError
from srlab.neighbours import neighbour_pairs
from srlab.potentials.equilibrium import equilibrium
from srlab.potentials.lattices import ATOMS, STRUCTURES, ground_state
from srlab.potentials.published import published
from srlab.validation.crystal import Crystal, check_supercell, heights, relaxed_crystal, stresses
from srlab.validation.properties.elastic import crystal_constants

NEIGHBOURS = {"fcc": 12, "bcc": 8, "hcp": 6, "diamond": 4}


@pytest.mark.parametrize("structure", STRUCTURES)
def test_cells_hold_the_right_atoms(structure):
    crystal = Crystal("Cu", 3.0, 0.0, None, structure=structure, c_over_a=1.7)
    primitive, conventional = crystal.primitive(), crystal.conventional()
    assert len(conventional) == ATOMS[structure]
    assert conventional.get_volume() / len(conventional) == pytest.approx(crystal.volume)
    for atoms in (primitive, conventional):
        i, _, r, _ = neighbour_pairs(atoms, 1.01 * crystal.neighbour_distance)
        assert np.bincount(i).tolist() == [NEIGHBOURS[structure]] * len(atoms)
        assert r == pytest.approx(crystal.neighbour_distance)
    assert crystal.primitive(1.1).get_volume() == pytest.approx(1.1**3 * primitive.get_volume())


@pytest.mark.parametrize("structure", STRUCTURES)
def test_supercells_are_as_wide_as_asked_for_and_no_wider(structure):
    crystal = Crystal("Cu", 3.0, 0.0, None, structure=structure)
    repeats = np.array(crystal.repeats(11.0))
    assert (repeats * heights(crystal.conventional()) >= 11.0 - 1e-6).all()
    assert ((repeats - 1) * heights(crystal.conventional()) < 11.0).all()
    check_supercell(crystal, repeats, 10.9)
    with pytest.raises(InputError, match="too small: images .* use "):
        check_supercell(crystal, 1, 10.9)


def test_zirconium_has_its_published_axes(zirconium):
    assert zirconium.structure == "hcp" and zirconium.lattice_constant == pytest.approx(3.234, abs=1e-3)
    assert zirconium.c_over_a == pytest.approx(1.598, abs=1e-3)
    assert zirconium.energy == pytest.approx(-6.635, abs=1e-3)
    assert np.abs(stresses(zirconium.calculator, [zirconium.primitive()])).max() < 1e-6


def test_iron_is_bcc_as_published(iron):
    assert iron.structure == "bcc" and iron.lattice_constant == pytest.approx(2.8553, abs=1e-4)
    assert iron.energy == pytest.approx(-4.1224, abs=1e-3)


def test_silicon_from_a_foreign_calculator(silicon):
    """Stillinger and Weber scaled their potential to a0 = 5.431 A and E = -4.3366 eV/atom."""
    assert silicon.structure == "diamond" and silicon.lattice_constant == pytest.approx(5.431, abs=1e-3)
    assert silicon.energy == pytest.approx(-4.3366, abs=1e-4) and silicon.potential is None


def test_a_file_is_relaxed_in_cell_and_positions(mishin, tmp_path):
    """Sheared and rattled fcc in a file comes back as the crystal that `structure="fcc"` makes."""
    atoms = bulk("Cu", "fcc", 3.7, cubic=True)
    atoms.set_cell(
        atoms.cell.array @ (np.eye(3) + [[0.0, 0.02, 0.0], [0.0, 0.01, 0.0], [0.0, 0.0, -0.01]]), scale_atoms=True
    )
    atoms.rattle(0.03, seed=4)
    write(tmp_path / "shaken.vasp", atoms, format="vasp")
    crystal = relaxed_crystal(mishin.potential, structure=tmp_path / "shaken.vasp")
    assert (crystal.structure, crystal.described) == ("file", "shaken.vasp")
    assert crystal.energy == pytest.approx(mishin.energy, abs=1e-6) and crystal.volume == pytest.approx(
        mishin.volume, rel=1e-4
    )
    assert crystal.neighbour_distance == pytest.approx(mishin.neighbour_distance, rel=1e-3)
    constants = crystal_constants(crystal)
    assert len(constants) == 21
    # the bulk modulus does not depend on how the cell lies
    bulk_modulus = sum(constants[name] for name in ("c11", "c22", "c33")) + 2 * sum(
        constants[name] for name in ("c12", "c13", "c23")
    )
    assert bulk_modulus / 9 == pytest.approx((169.9 + 2 * 122.6) / 3, abs=1.0)


def test_the_default_is_the_ground_state():
    assert [ground_state(element) for element in ("Cu", "W", "Mg", "Si", "Fe")] == [
        "fcc",
        "bcc",
        "hcp",
        "diamond",
        "bcc",
    ]
    assert relaxed_crystal(published("sutton-chen")).structure == "fcc"
    fitted_to_bcc = replace(published("sutton-chen"), structure="bcc")  # its data's lowest frame was
    assert relaxed_crystal(fitted_to_bcc).structure == equilibrium(fitted_to_bcc).structure == "bcc"
    assert relaxed_crystal(fitted_to_bcc, structure="hcp").structure == "hcp"
    with pytest.raises(InputError, match="ground state of In is bct.*give a structure"):
        ground_state("In")


def test_what_cannot_be_a_crystal_is_named(tmp_path):
    copper = published("cleri-rosato")
    with pytest.raises(InputError, match="no structure .*omega.* fcc, bcc, hcp, diamond, or a structure file"):
        relaxed_crystal(copper, structure="omega")
    for name, atoms, sentence in (
        ("silver.xyz", [bulk("Ag", cubic=True)], "holds Ag: give a structure of Cu only"),
        ("two.xyz", [bulk("Cu"), bulk("Cu")], "holds 2 structures"),
    ):
        write(tmp_path / name, atoms, format="extxyz")
        with pytest.raises(InputError, match=sentence):
            relaxed_crystal(copper, structure=tmp_path / name)
    slab = bulk("Cu", cubic=True)
    slab.pbc = (True, True, False)
    with pytest.raises(InputError, match="not periodic in three directions"):
        relaxed_crystal(copper, structure=slab)
    with pytest.raises(InputError, match="does not know its element"):
        relaxed_crystal(EMT())
