from dataclasses import replace

import numpy as np
import pytest

from srlab.errors import InputError
from srlab.potentials import NoTaper
from srlab.potentials.published import published
from srlab.validation.crystal import relaxed_crystal
from srlab.validation.properties.eos import eos, fit_eos, repulsive_down_to
from tests.validation.conftest import formula_potential


def test_mishin_lattice_constant_and_energy(mishin):
    found = eos(mishin, quick=True)
    assert found["values"]["lattice_constant"] == pytest.approx(3.615, abs=1e-3)
    assert found["values"]["cohesive_energy"] == pytest.approx(3.54, abs=5e-3)
    assert found["values"]["bulk_modulus"] == pytest.approx((169.9 + 2 * 122.6) / 3, abs=3.0)
    assert not found["warnings"]


def test_sutton_chen_against_lattice_sums():
    """E(x) = eps (S9 x^9 / 2 - c sqrt(S6) x^3) with x = a/r0 has its minimum where x^6 = 2 c sqrt(S6) / (3 S9), and B =
    3 |E| / V there (n m / 18 = 3)."""
    corners = np.stack(np.meshgrid(*[np.arange(-40, 41)] * 3, indexing="ij"), -1).reshape(-1, 3) / 2.0
    squares = (corners[corners.sum(axis=1) % 1.0 == 0.0] ** 2).sum(axis=1)
    squares = squares[(squares > 0.0) & (squares <= 20.0**2)]
    s9, s6, c, eps = (squares**-4.5).sum(), (squares**-3.0).sum(), 39.432, 1.2382e-2
    x = (2.0 * c * np.sqrt(s6) / (3.0 * s9)) ** (1.0 / 6.0)
    energy = eps * (0.5 * s9 * x**9 - c * np.sqrt(s6) * x**3)
    a0 = 3.61 / x
    far = replace(published("sutton-chen"), cutoff=30.0, taper=NoTaper())
    values = eos(relaxed_crystal(far, guess=3.61), quick=True)["values"]
    assert values["lattice_constant"] == pytest.approx(a0, abs=1e-3)
    assert values["cohesive_energy"] == pytest.approx(-energy, abs=2e-3)
    assert values["bulk_modulus"] == pytest.approx(-3.0 * energy / (a0**3 / 4.0) * 160.2177, rel=0.01)


def test_fit_recovers_a_known_minimum():
    volumes = np.linspace(11.0, 13.0, 9)
    fitted = fit_eos(volumes, -3.5 + 0.03 * (volumes - 12.0) ** 2)
    assert fitted["volume"] == pytest.approx(12.0, abs=1e-2)
    assert fitted["bulk_modulus"] == pytest.approx(12.0 * 0.06 * 160.2177, rel=2e-2)


def test_fit_refuses_an_end_as_minimum():
    with pytest.raises(InputError, match="no minimum"):
        fit_eos(np.linspace(11, 13, 9), np.linspace(0, 1, 9))


def test_hole_is_found_where_it_is():
    r = np.linspace(1.0, 2.6, 200)
    assert repulsive_down_to(r, (r - 2.4) ** 2) == 1.0
    assert repulsive_down_to(r, (r - 2.4) ** 2 - 5 * np.exp(-40 * (r - 1.2) ** 2)) == pytest.approx(1.45, abs=0.15)
    assert repulsive_down_to(r, np.where(r < 1.5, np.nan, -r)) == pytest.approx(1.5, abs=0.02)


def test_hole_is_named(holed_potential):
    found = eos(relaxed_crystal(holed_potential), quick=True)
    assert "hole at short range" in found["warnings"]["repulsive_down_to"]
    assert 1.3 < found["values"]["repulsive_down_to"] < 2.2


def test_offset_is_part_of_the_cohesive_energy(sutton_chen):
    shifted = relaxed_crystal(replace(sutton_chen.potential, offset=0.25))
    assert eos(shifted, quick=True)["values"]["cohesive_energy"] == pytest.approx(
        eos(sutton_chen, quick=True)["values"]["cohesive_energy"] - 0.25
    )


def test_energies_without_an_atomic_scale_are_not_compared():
    found = eos(relaxed_crystal(published("gp1")), quick=True)
    assert found["values"]["cohesive_energy"] is None
    assert "isolated" in found["warnings"]["cohesive_energy"]


def test_no_crystal_at_all_is_refused():
    with pytest.raises(InputError, match="no fcc minimum"):
        relaxed_crystal(formula_potential("5*exp(-r)", embedding="0*rho"))


def test_an_hcp_crystal_has_two_lattice_constants(zirconium):
    values = eos(zirconium, quick=True)["values"]
    assert (values["lattice_constant"], values["lattice_constant_c"]) == pytest.approx((3.234, 5.168), abs=2e-3)
    assert values["c_over_a"] == pytest.approx(values["lattice_constant_c"] / values["lattice_constant"])


def test_bulk_moduli_of_bcc_and_diamond_are_those_of_the_elastic_constants(iron, silicon):
    for crystal, expected in ((iron, (243.4 + 2 * 145.0) / 3), (silicon, (151.4 + 2 * 76.4) / 3)):
        assert eos(crystal, quick=True)["values"]["bulk_modulus"] == pytest.approx(expected, rel=0.02)


def test_another_crystal_that_falls_is_named():
    """A well that 16 of diamond's neighbours reach and fcc's never do before a wall: the fall is not of the crystal
    itself."""
    numbers = published("cleri-rosato").formulas
    far = formula_potential(
        f"{numbers['pair']} - 4*exp(-90*(r - 1.95)^2)", numbers["density"], numbers["embedding"], "near hole", 7.0
    )
    warning = eos(relaxed_crystal(far), quick=True)["warnings"]["repulsive_down_to"]
    assert "hole at short range" in warning
