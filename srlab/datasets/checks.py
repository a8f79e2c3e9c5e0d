"""What a frame must be before anything is fitted to it. Each check raises one sentence that names file and frame."""

import numpy as np

from srlab.errors import InputError
from srlab.neighbours import cell_with_room, pairs_within

# Atoms nearer than this fraction of the sum of their covalent radii are a mistake, not a compressed solid: 1.06
# angstrom for
# copper, whose most compressed labelled frames are near 1.5.
OVERLAP = 0.4
BOX = 3.0  # angstrom: atoms are sorted into boxes at least as wide, for smaller ones are many
FLAT = 0.1  # angstrom: a cell as low as this has so many images within the cutoff that they do not fit into memory


def closest_pair(atoms, cutoff=1.2):
    """The closest two atoms, periodic images (an atom's own included) counted.

    Parameters
    ----------
    atoms : ase.Atoms.
    cutoff : only distances below this many angstrom are looked at.

    Returns
    -------
    distance : angstrom, infinity when no two atoms are within the cutoff.
    first, second : indices of the two atoms, or -1.
    """
    first, second, distance, _ = pairs_within(atoms, max(cutoff, BOX))
    near = distance < cutoff
    first, second, distance = first[near], second[near], distance[near]
    if len(distance) == 0:
        return np.inf, -1, -1
    nearest = int(np.argmin(distance))
    return float(distance[nearest]), int(first[nearest]), int(second[nearest])


def overlap_distance(atoms):
    """Distance (angstrom) below which two atoms of this frame overlap."""
    from ase.data import covalent_radii

    return OVERLAP * 2.0 * float(covalent_radii[atoms.numbers].min())


def check_structure(atoms, where):
    """Raise InputError unless the frame has atoms of known elements, finite positions and a cell wherever it is
    periodic."""
    if len(atoms) == 0:
        raise InputError(f"{where} has no atoms: remove it")
    if (atoms.numbers <= 0).any():
        raise InputError(f"{where} has an atom of an unknown element: correct the species column")
    if not np.isfinite(atoms.positions).all():
        raise InputError(f"{where} has a position that is not a finite number: correct or remove it")
    cell = np.asarray(atoms.cell)
    if not np.isfinite(cell).all():
        raise InputError(f"{where} has a cell that is not finite: correct its Lattice entry")
    lengths = np.linalg.norm(cell, axis=1)
    if (lengths[atoms.pbc] < 1e-6).any() or (atoms.pbc.all() and abs(np.linalg.det(cell)) < 1e-6):
        raise InputError(f"{where} is periodic but its cell has no volume: correct its Lattice or pbc entry")
    if atoms.pbc.any():
        from ase.geometry import complete_cell

        with np.errstate(all="ignore"):
            heights = 1.0 / np.linalg.norm(np.linalg.pinv(complete_cell(cell)), axis=0)
        if not (heights[atoms.pbc] > FLAT).all():
            raise InputError(
                f"{where} is periodic but its cell is less than {FLAT} angstrom high: correct its Lattice or pbc entry"
            )
    try:
        cell_with_room(atoms, BOX)
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def check_labels(atoms, energy, forces, where, found=()):
    """Raise InputError unless the frame has one finite energy and finite forces on every atom.

    found : names of all that the frame has, one of which may be what is missing.
    """
    if energy is None:
        raise InputError(
            f"{where} has no energy: give it energy=... (eV) on its comment line, or remove "
            f"it{_what_is_there(found, '--energy-key')}"
        )
    if forces is None:
        raise InputError(
            f"{where} has no forces: give it a forces column (eV/angstrom), or remove "
            f"it{_what_is_there(found, '--forces-key')}"
        )
    if not _is_number(energy):
        raise InputError(
            f"{where} has an energy that is no number: give it energy=... (eV) on its comment line, or remove it"
        )
    if not np.isfinite(float(energy)):
        raise InputError(f"{where} has an energy that is not a finite number: correct or remove it")
    if np.shape(forces) != (len(atoms), 3):
        raise InputError(
            f"{where} has forces of shape {np.shape(forces)} for {len(atoms)} atoms: three numbers an atom are needed"
        )
    if np.asarray(forces).dtype.kind not in "fiu":
        raise InputError(f"{where} has forces that are no numbers: its Properties entry must read forces:R:3")
    if not np.isfinite(forces).all():
        atom = int(np.argwhere(~np.isfinite(forces))[0, 0])
        raise InputError(f"{where} has a force on atom {atom} that is not a finite number: correct or remove it")


def _what_is_there(found, option):
    names = ", ".join(found[:12]) + (" and others" if len(found) > 12 else "")
    return f" (it has {names}: if one of these is it, say so with {option})" if names else ""


def _is_number(value):
    """Whether an entry of a comment line is one number; True and False are none."""
    return np.ndim(value) == 0 and np.asarray(value).dtype.kind in "fiu"


def check_distance(atoms, where):
    """Raise InputError when two atoms overlap."""
    limit = overlap_distance(atoms)
    distance, first, second = closest_pair(atoms, limit)
    if distance < limit:
        image = " (its own periodic image)" if first == second else ""
        raise InputError(
            f"{where} has overlapping atoms: {first} and {second}{image} are {distance:.2f} angstrom apart; correct "
            "it, "
            f"or leave out frames with close atoms with --min-distance {limit:.2f}"
        )


def check_one_element(frames, name):
    """The chemical symbol all frames are made of; InputError when there are several."""
    first = None
    for index, atoms in enumerate(frames):
        for symbol in sorted(set(atoms.symbols)):
            first = first or symbol
            if symbol != first:
                raise InputError(
                    f"{name}, frame {index} contains {symbol} beside {first}: one potential describes one element, "
                    f"so split the file by element"
                )
    return first
