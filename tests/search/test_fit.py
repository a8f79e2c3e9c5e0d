"""srlab.fit: the constants that made the data come back, and the potential has them."""

import numpy as np
import pytest

import srlab
from srlab.errors import InputError

FORM = "phi = A*exp(-p*r); f = exp(-q*r); F = -B*sqrt(rho); A = 3000.0; p = 3.0; q = 2.0; B = 8.0"


def test_the_constants_behind_the_data_are_found(dataset):
    found = srlab.fit(FORM, dataset)
    assert found.loss < 1e-8 and found.train.energy_mae < 0.01 and found.test.force_mae < 0.1
    atoms = dataset.test[0].copy()
    atoms.calc = found.potential().calculator()
    assert np.allclose(atoms.get_forces(), dataset.test[0].get_forces(), atol=1e-3)
    assert set(found.constants) == set(found.deviations) == {"A", "p", "q", "B"}


def test_a_form_without_finite_errors_is_refused(dataset):
    with pytest.raises(InputError, match="no finite error"):
        srlab.fit("phi = A/(r - r); f = exp(-r); F = -sqrt(rho); A = 1.0", dataset)


def test_a_setting_that_is_none_is_refused(dataset):
    with pytest.raises(InputError, match="takes no taper_start"):
        srlab.fit(FORM, dataset, taper_start=4.5)
