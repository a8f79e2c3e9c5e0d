"""Which crystal a candidate makes, against the structures that validation relaxes one by one."""

import pytest

from srlab.potentials import load_potential
from srlab.search import ground_state as module
from srlab.search.ground_state import Crystals, crystals, is_right
from srlab.templates import Model
from srlab.validation.crystal import relaxed_crystal
from srlab.validation.properties.polymorphs import relaxed_polymorph


@pytest.mark.parametrize("name", ["cu-sr1", "cleri-rosato", "cu-sr2", "cu-sr3"])
def test_energies_are_those_of_validation(name):
    potential = load_potential(name)
    got = Crystals("Cu", 11.9, potential.cutoff, potential.taper.start).energies(
        Model(potential.template, potential.functions)
    )
    crystal = relaxed_crystal(potential)
    assert min(got.values()) == 0.0
    for structure in ("hcp", "bcc", "diamond"):
        wanted = 1e3 * (relaxed_polymorph(crystal, structure)[2] - crystal.energy)
        assert got[structure] - got["fcc"] == pytest.approx(wanted, abs=module.UNSURE), structure


def test_a_volume_that_is_off_changes_nothing():
    model = Model.parse({"pair": "2736.0*exp(-3.541*r)", "density": "exp(-2.102*r)", "embedding": "-24.86*sqrt(rho)"})
    here, there = (Crystals("Cu", volume, 6.0, 4.5).energies(model) for volume in (11.5, 13.0))
    assert here == pytest.approx(there, abs=module.UNSURE)


def test_what_has_no_minimum_is_left_out():
    repulsive = Model.parse({"pair": "100.0*exp(-2.0*r)", "density": "exp(-2.0*r)", "embedding": "0.0*rho"})
    assert crystals("Cu", 12.0, 6.0, 4.5).energies(repulsive) == {}


def test_a_wrong_crystal_is_one():
    assert is_right("fcc", {"fcc": 0.0, "hcp": 7.1}) and is_right("fcc", {"fcc": 0.05, "hcp": 0.0})
    assert is_right("fcc", {"fcc": 2.0, "hcp": 0.0}) is False and is_right("fcc", {"hcp": 0.0}) is False
    assert is_right("fcc", {}) is None and is_right(None, {"fcc": 0.0}) is None
