"""The lattice constant is that of the crystal, not of a hole behind its repulsion."""

import numpy as np
import pytest

from srlab.potentials import Potential, Smoothstep
from srlab.potentials.equilibrium import lattice_constant, outer_minimum
from srlab.potentials.published import published
from srlab.templates import Model


def test_a_deeper_minimum_inside_of_a_hole_is_passed_over():
    good = published("cleri-rosato", 7.0, 5.5)
    formulas = {**good.formulas, "pair": f"{good.formulas['pair']} - 30.0*exp(-60.0*(r - 1.95)^2)"}
    holed = Potential("holed", "Cu", Model.parse(formulas).functions, 7.0, Smoothstep(5.5, 7.0), 0.0)
    assert lattice_constant(holed) == pytest.approx(lattice_constant(good), abs=2e-3)
    assert lattice_constant(good) == pytest.approx(3.61, abs=0.02)


def test_the_way_in_ends_at_a_barrier():
    assert outer_minimum([-9.0, 1.0, -3.0, -2.0, 0.0]) == 2
    assert outer_minimum([-9.0, -2.9, -3.0, -2.0, 0.0]) == 0  # no wall to speak of
    assert outer_minimum([-9.0, np.nan, -3.0, -2.0]) == 2
    assert outer_minimum([-2.0, -3.0, 0.2, 0.1, 0.0]) == 1  # far apart they repel each other
    assert outer_minimum([3.0, 2.0, 1.0]) == 0
