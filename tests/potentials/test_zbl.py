"""The ZBL core against LAMMPS, and how it is joined to a pair function."""

import numpy as np
import pytest
from ase import Atoms

from srlab.errors import InputError
from srlab.potentials.lammps_session import lammps, single_point
from srlab.potentials.potential import Potential
from srlab.potentials.published import published
from srlab.potentials.taper import Smoothstep
from srlab.potentials.zbl import with_zbl, zbl
from srlab.templates import Model


@pytest.mark.parametrize("element, number", [("Cu", 29), ("W", 74), ("Li", 3)])
def test_energies_and_forces_are_those_of_lammps(element, number):
    pytest.importorskip("lammps")
    r = np.array([0.3, 0.6, 1.0, 1.6])
    energy, slope, _ = zbl(r, element)
    with lammps() as session:
        for k, distance in enumerate(r):
            pair = Atoms([element] * 2, positions=[[0, 0, 0], [0, 0, distance]], cell=[40.0] * 3)
            # inside its inner cutoff LAMMPS adds a constant, by which the energy ends at the outer one
            theirs, forces = single_point(session, pair, "zbl 19.0 20.0", f"* * {number} {number}", 20.0)
            assert forces[1, 2] == pytest.approx(-slope[k], rel=1e-6)
            assert theirs == pytest.approx(energy[k], rel=1e-5, abs=2e-3)


def test_derivatives_are_those_of_the_value():
    joined = with_zbl(published("cleri-rosato"), 1.0, 1.8).functions["pair"]
    r, step = np.array([0.4, 0.9, 1.05, 1.3, 1.7, 1.9, 3.0]), 1e-5
    value, first, second = joined.derivatives(r)
    (above, slope_above, _), (below, slope_below, _) = (joined.derivatives(r + s) for s in (step, -step))
    assert first == pytest.approx((above - below) / (2 * step), rel=1e-6, abs=1e-6)
    assert second == pytest.approx((slope_above - slope_below) / (2 * step), rel=1e-5, abs=1e-5)


def test_nothing_changes_beyond_the_range_and_all_is_zbl_before_it():
    own = published("cleri-rosato")
    joined = with_zbl(own, 1.0, 1.8)
    far, near = np.linspace(1.8, 6.0, 20), np.linspace(0.3, 1.0, 8)
    np.testing.assert_array_equal(joined.phi(far), own.phi(far))
    np.testing.assert_allclose(joined.phi(near)[0], zbl(near, "Cu")[0], rtol=1e-12)
    assert joined.densities(far)[0][0] == pytest.approx(own.densities(far)[0][0])


def test_a_range_that_cannot_be_is_one_sentence():
    own = published("cleri-rosato")
    for inner, outer in ((1.8, 1.0), (0.0, 1.0), (1.0, 20.0)):
        with pytest.raises(InputError, match="two distances, the nearer first"):
            with_zbl(own, inner, outer)
    well = Model.parse({"pair": "-90.0*exp(-8.0*(r - 1.7)^2) + 20.0*exp(-2.0*r)"})
    deep = Potential.of_model(well, "a well", "Cu", 6.0, Smoothstep(4.5, 6.0))
    with pytest.raises(InputError, match="a well joined to ZBL .* does not repel at 1"):
        with_zbl(deep, 1.0, 2.2)
