import numpy as np
import pytest

pytest.importorskip("phonopy")
from srlab.validation.properties.expansion import expansion


def test_mishin_expands_like_copper(mishin):
    """Classical copper has 3 R per mole at high temperature; Mishin's expansion is some per cent short of experiment
    (16.5e-6/K)."""
    found = expansion(mishin, quick=True)
    assert 12.0 < found["values"]["thermal_expansion"] < 18.0
    assert found["lattice_constant"][0] > mishin.lattice_constant  # zero-point motion
    assert np.all(np.diff(found["lattice_constant"]) > -1e-6)
    assert found["heat_capacity"][-1] == pytest.approx(3 * 8.314, rel=0.12)
    assert abs(found["expansion"][0]) < 0.1  # the third law
