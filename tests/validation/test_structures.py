"""The atoms behind a property are those whose energy it is."""

import numpy as np
import pytest
from ase.neighborlist import neighbor_list

from srlab.errors import InputError
from srlab.validation import details
from srlab.validation.properties.slabs import area
from srlab.validation.properties.surfaces import JOULE
from srlab.validation.scores import properties
from srlab.validation.structures import EXCESS, relaxed_structure, shown_properties


def test_a_vacancy_is_a_missing_atom_and_its_energy_sits_on_its_neighbours(mishin):
    atoms = relaxed_structure(mishin, "vacancy_formation_energy")
    excess = atoms.arrays[EXCESS]
    assert len(atoms) % 4 == 3 and atoms.calc is None
    # what is missing to 1.272 eV is the elastic energy that a fixed cell stores
    assert excess.sum() == pytest.approx(1.272, abs=0.05)
    neighbours = np.bincount(neighbor_list("i", atoms, 3.0), minlength=len(atoms))
    assert set(np.argsort(-excess)[:12]) == set(np.flatnonzero(neighbours == 11))


def test_an_interstitial_is_one_atom_more(mishin):
    atoms = relaxed_structure(mishin, "interstitial_dumbbell_energy")
    assert len(atoms) % 4 == 1 and atoms.arrays[EXCESS].sum() == pytest.approx(3.06, abs=0.25)


def test_surfaces_and_faults_have_the_energies_that_validation_gives(mishin):
    surface = relaxed_structure(mishin, "surface_energy_111")
    known = details(mishin, "surfaces", quick=True)["values"]["surface_energy_111"]
    assert surface.arrays[EXCESS].sum() / (2.0 * area(surface)) / JOULE == pytest.approx(known, abs=1e-3)
    fault = relaxed_structure(mishin, "stacking_fault_energy")
    assert 1e3 * fault.arrays[EXCESS].sum() / area(fault) / JOULE == pytest.approx(44.4, abs=1.0)
    assert not fault.pbc[2]
    height = fault.positions[:, 2] - fault.positions[:, 2].mean()
    assert abs(height[fault.arrays[EXCESS] > 2e-3]).max() < 6.0  # in the middle, not at the surfaces


def test_lines_of_other_crystals_are_shown_half_the_way(iron):
    atoms = relaxed_structure(iron, "unstable_stacking_fault_energy_110")
    middle = np.argsort(np.abs(atoms.positions[:, 2] - atoms.positions[:, 2].mean()))[:2]
    assert (atoms.arrays[EXCESS][middle] > 0.05).all()


def test_what_can_be_shown_are_properties_and_the_rest_is_refused(mishin):
    for structure in ("fcc", "bcc", "hcp", "diamond"):
        names = shown_properties(structure)
        assert len(set(names)) == len(names) >= 5
        for name in names:
            assert structure in properties()[name].get("structures", (structure,)), name
    with pytest.raises(InputError, match="no atoms to show of c44 in .*choose vacancy_formation_energy"):
        relaxed_structure(mishin, "c44")
