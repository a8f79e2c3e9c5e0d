"""The properties take any ASE calculator, not only ours."""

import pytest
from ase.calculators.emt import EMT

from srlab.errors import InputError
from srlab.validation.crystal import relaxed_crystal
from srlab.validation.dynamics.liquid import liquid
from srlab.validation.properties.elastic import elastic
from srlab.validation.properties.eos import eos
from srlab.validation.properties.surfaces import surfaces


@pytest.fixture(scope="module")
def emt():
    return relaxed_crystal(EMT(), "Cu")


def test_emt_copper(emt):
    """ASE's own tests have 3.59 A and a vanishing energy for the bulk crystal."""
    assert emt.lattice_constant == pytest.approx(3.59, abs=0.01)
    values = eos(emt, quick=True)["values"]
    constants = elastic(emt, quick=True)["values"]
    assert values["bulk_modulus"] == pytest.approx((constants["c11"] + 2 * constants["c12"]) / 3, rel=0.01)


@pytest.mark.slow
def test_surfaces_of_emt_copper(emt):
    energies = surfaces(emt)["values"]
    assert energies["surface_energy_111"] < energies["surface_energy_110"]


def test_molecular_dynamics_needs_a_potential(emt):
    with pytest.raises(InputError, match="needs a potential"):
        liquid(emt)
