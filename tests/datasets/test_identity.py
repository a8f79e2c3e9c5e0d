"""One structure in several descriptions has one key."""

import numpy as np
from ase.build import bulk, make_supercell

from srlab.datasets.identity import content_key


def test_content_key_knows_one_crystal_in_two_cells():
    conventional, primitive = bulk("Cu", "fcc", a=3.6, cubic=True), bulk("Cu", "fcc", a=3.6)
    assert content_key(conventional) == content_key(primitive)
    assert content_key(make_supercell(primitive, 2 * np.eye(3))) == content_key(primitive)
    shifted = conventional.copy()
    shifted.positions += 0.377
    assert content_key(shifted) == content_key(primitive)
    conventional.positions[0, 0] += 0.02
    assert content_key(conventional) != content_key(primitive)
    assert content_key(bulk("Cu", "fcc", a=3.61)) != content_key(primitive)
