from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("phonopy")
from srlab.errors import InputError
from srlab.validation.properties.phonons import phonons


def test_mishin_against_this_projects_table(mishin):
    found = phonons(mishin, quick=True)
    assert found["values"]["phonon_x_transverse"] == pytest.approx(5.21, abs=0.01)
    assert found["values"]["phonon_x_longitudinal"] == pytest.approx(7.82, abs=0.01)
    assert not found["warnings"]
    first, last = np.array(found["segments"][0]["frequencies"][0]), np.array(found["segments"][0]["frequencies"][-1])
    assert np.abs(first).max() < 0.02  # acoustic at Gamma
    assert last == pytest.approx(
        [found["values"]["phonon_x_transverse"]] * 2 + [found["values"]["phonon_x_longitudinal"]], abs=1e-6
    )
    assert np.trapezoid(found["dos"], found["dos_frequency"]) == pytest.approx(3.0, abs=0.1)


def test_slope_at_gamma_is_the_sound_velocity(mishin):
    """Along [100] the longitudinal branch starts with sqrt(C11 / density)."""
    from srlab.validation.properties.elastic import elastic

    segment = phonons(mishin)["segments"][0]
    slope = segment["frequencies"][2][2] / segment["x"][2]  # THz A
    density = 4 * 63.546 * 1.66054e-27 / (mishin.lattice_constant * 1e-10) ** 3
    assert slope * 100.0 == pytest.approx(
        np.sqrt(elastic(mishin, quick=True)["values"]["c11"] * 1e9 / density), rel=0.03
    )


def test_too_small_a_supercell_is_refused(sutton_chen):
    with pytest.raises(InputError, match="too small.*use 3x3x3"):
        phonons(sutton_chen, repeats=2)


def test_an_unrelaxed_crystal_is_refused(mishin):
    with pytest.raises(InputError, match="not relaxed"):
        phonons(replace(mishin, lattice_constant=3.7))


def test_an_unstable_crystal_is_named(mishin):
    """Springs between nearest neighbours that push: imaginary everywhere but at Gamma."""
    from srlab.validation.properties.phonons import (
        frequencies_at,
        phonon_cells,
        phonon_model,
        set_forces,
        special_points,
    )

    model = phonon_model(mishin, 2)
    perfect = model.supercell.positions
    forces = [0.5 * (cell.positions - perfect) for cell in phonon_cells(model)]
    assert frequencies_at(set_forces(model, forces), [special_points(mishin)["X"]]).min() < -0.5


def test_the_same_with_and_without_symmetry(mishin):
    """Six displacements and no symmetry, or one displacement and phonopy's symmetries (what DFT gets)."""
    from srlab.validation.crystal import Crystal
    from srlab.validation.properties.phonons import frequencies_at, solved_model, special_points

    bare = Crystal("Cu", mishin.lattice_constant, mishin.energy, mishin.calculator)
    points = [special_points(mishin)[name] for name in "XLW"]
    assert frequencies_at(solved_model(bare, repeats=2), points) == pytest.approx(
        frequencies_at(solved_model(mishin, repeats=2), points), abs=2e-3
    )
