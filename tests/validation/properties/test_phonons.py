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


def slope(crystal, segment, branch):
    """Sound velocity in m/s of a branch at the end of a segment that lies at Gamma."""
    found = phonons(crystal, quick=False)["segments"][segment]
    points = [(x, f[branch]) for x, f in zip(found["x"], found["frequencies"])]
    (x0, f0), (x1, f1) = points[0], points[2]
    return 100.0 * (f1 - f0) / (x1 - x0)


def test_sound_in_bcc_iron(iron):
    """Along Gamma - H, [100]: sqrt(C11 / density) and twice sqrt(C44 / density)."""
    density = 55.845 * 1.66054e-27 / (iron.volume * 1e-30)
    assert slope(iron, 0, 2) == pytest.approx(np.sqrt(243.4e9 / density), rel=0.03)
    assert slope(iron, 0, 0) == pytest.approx(np.sqrt(116.0e9 / density), rel=0.03)


def test_hcp_has_six_branches_and_sound_along_its_axis(zirconium):
    """Along Gamma - A, the last leg: sqrt(C33 / density)."""
    found = phonons(zirconium, quick=True)
    assert np.shape(found["segments"][-1]["frequencies"])[1] == 6 and found["segments"][-1]["labels"] == ["G", "A"]
    assert found["lowest"] > -0.05 and np.trapezoid(found["dos"], found["dos_frequency"]) == pytest.approx(3.0, abs=0.1)
    density = 91.224 * 1.66054e-27 / (zirconium.volume * 1e-30)
    assert slope(zirconium, 3, 2) == pytest.approx(np.sqrt(167.7e9 / density), rel=0.03)
    # where planes of A and B move against each other, along the axis and in the plane, branches of A fold back to Gamma
    values = found["values"]
    assert values["phonon_a_longitudinal"] < values["phonon_gamma_optical_upper"]
    assert values["phonon_a_transverse"] < values["phonon_gamma_optical_lower"]


def test_bcc_branches_meet_where_symmetry_says(iron):
    found = phonons(iron, quick=True)
    at = {label: s["frequencies"][k] for s in found["segments"] for label, k in zip(s["labels"], (0, -1))}
    for point in "HP":
        assert np.ptp(at[point]) < 1e-3 * max(at[point])
    assert found["values"]["phonon_h"] == pytest.approx(at["H"][0], abs=1e-3)


def test_phonons_of_silicon(silicon):
    """R. D. Meade and D. Vanderbilt, and others since, have 17.8 THz at Gamma for Stillinger-Weber (experiment
    15.5)."""
    values = phonons(silicon, quick=True)["values"]
    assert values["phonon_gamma_optical"] == pytest.approx(17.83, abs=0.05)
    assert (
        values["phonon_x_transverse_acoustic"] < values["phonon_x_longitudinal"] < values["phonon_x_transverse_optical"]
    )
