"""Whether two frames are one structure, however each is written down."""

import numpy as np

from srlab.neighbours import pairs_within


def content_key(atoms, tolerance=1e-3):
    """Equal for two frames of the same structure: how many neighbours an atom has at each distance up to 6 angstrom.

    Distances are rounded to `tolerance` (angstrom). Two descriptions of one crystal (another cell, another origin,
    atoms in another order) are the same structure.
    """
    distances = pairs_within(atoms, 6.0)[2]
    # counted per atom, so that a cell and its supercell are told to be one
    shells, counts = np.unique(np.round(distances / tolerance), return_counts=True)
    return tuple(shells), tuple(np.round(counts / len(atoms), 6)), bool(atoms.pbc.all())
