"""Whether the embedding function is convex, as the electron gas would have it; a fit does not make it so."""

from functools import lru_cache

import numpy as np
from ase.data import atomic_numbers, reference_states

from srlab.potentials.lattices import lattice_constant_at, primitive_cell

SHARES = np.linspace(0.1, 2.2, 200)
"""Densities, in units of that of the crystal, between which the embedding is looked at."""


def room_crystal(element, structure=None):
    """The primitive cell (`ase.Atoms`) of an element's room-temperature crystal, or of another `structure` with its
    volume per atom. Raises ValueError where ASE knows no crystal of the element."""
    from ase.build import bulk

    crystal = bulk(element)
    if structure is None or structure == reference_states[atomic_numbers[element]]["symmetry"]:
        return crystal
    return primitive_cell(element, structure, lattice_constant_at(structure, crystal.get_volume() / len(crystal)))


@lru_cache(maxsize=16)
def shells(element, cutoff, structure=None):
    """Distances (angstrom, ascending) of the neighbour shells of an element's `room_crystal` up to `cutoff`, and
    neighbours in each."""
    from ase.neighborlist import neighbor_list

    crystal = room_crystal(element, structure)
    distances = np.round(neighbor_list("d", crystal, cutoff), 6) if cutoff > 0 else np.array([])
    values, counts = np.unique(distances, return_counts=True)
    return values, counts / len(crystal)


def embedding_is_convex(potential):
    """Whether F is convex from 0.1 to 2.2 times the density of the crystal; of two densities, along the line on which
    both keep their ratio there.

    Needs an embedding that is a formula; None for tables, pair potentials and elements without a reference crystal.
    """
    embedding = potential.embedding  # None for a pair potential
    if not hasattr(embedding, "curvatures") or embedding.complexity <= 1:
        return None
    try:
        distances, counts = shells(potential.element, potential.cutoff, potential.structure)
    except ValueError:  # ASE knows no crystal of this element
        return None
    along = [float(np.sum(counts * density)) for density, _ in potential.densities(distances)]
    curvature = embedding.curvatures(*(SHARES * density for density in along))
    bend = sum(a * b * curvature[i][j] for i, a in enumerate(along) for j, b in enumerate(along))
    return bool(np.all(bend >= -1e-9 * np.abs(bend).max()))
