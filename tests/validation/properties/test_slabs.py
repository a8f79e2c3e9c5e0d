"""Slabs of every structure: the planes that a cut leaves, and their area."""

import numpy as np
import pytest

from srlab.validation.crystal import Crystal
from srlab.validation.properties.slabs import area, plane_spacing, planes, primitive_indices, slab


@pytest.mark.parametrize(
    "structure, indices, cell_area, gaps",
    [
        ("fcc", (1, 1, 1), np.sqrt(3) / 4, [1 / np.sqrt(3)]),
        ("bcc", (1, 1, 0), np.sqrt(0.5), [np.sqrt(0.5)]),
        ("bcc", (1, 1, 2), np.sqrt(1.5), [1 / np.sqrt(6)]),
        ("hcp", (0, 0, 1), np.sqrt(0.75), [0.8]),
        ("hcp", (1, 0, 0), 1.6, [np.sqrt(3) / 6, np.sqrt(3) / 3]),
        ("diamond", (1, 1, 1), np.sqrt(3) / 4, [np.sqrt(3) / 12, np.sqrt(3) / 4]),
        ("diamond", (1, 0, 0), 0.5, [0.25]),
        ("diamond", (1, 1, 0), np.sqrt(0.5), [np.sqrt(2) / 4]),
    ],
)
def test_planes_have_their_distances_and_the_widest_gap_is_cut(structure, indices, cell_area, gaps):
    crystal = Crystal("Cu", 4.0, 0.0, None, structure=structure, c_over_a=1.6)
    atoms = slab(crystal, indices, 12.0)
    assert area(atoms) == pytest.approx(16.0 * cell_area)
    found = np.diff(planes(atoms)) / 4.0
    assert found[0] == pytest.approx(min(gaps)) and found[-1] == pytest.approx(min(gaps))
    assert sorted(set(found.round(4))) == pytest.approx(sorted(gaps), abs=1e-4)
    assert np.ptp(atoms.positions[:, 2]) >= 12.0 - max(gaps) * 4.0 and not atoms.pbc[2]
    # as many atoms to the area as the crystal has
    period = plane_spacing(crystal, indices)
    layers = (np.ptp(atoms.positions[:, 2]) + 4.0 * max(gaps)) / period
    assert layers == pytest.approx(round(layers))
    assert len(atoms) * crystal.volume == pytest.approx(round(layers) * period * area(atoms))


def test_indices_refer_to_the_conventional_cell():
    crystal = Crystal("W", 3.16, 0.0, None, structure="bcc")
    for indices in ((1, 1, 0), (1, 0, 0), (1, 1, 1), (1, 1, 2), (3, 1, 0)):
        normal = primitive_indices(crystal, indices) @ crystal.primitive().cell.reciprocal().array
        assert np.cross(normal, indices) == pytest.approx(0.0, abs=1e-9)
